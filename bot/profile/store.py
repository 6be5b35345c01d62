"""The port to wherever profiles are kept (memory or Redis; never a disk: profiles must be forgotten)."""

from __future__ import annotations

from typing import Protocol

from bot.clock import Seconds
from bot.frozen import dataclass
from bot.identity import Person
from bot.profile.record import Record


@dataclass(frozen=True, slots=True)
class Changes:
    """What one turn does to a profile: records to put (replacing the same attribute of the same space and
    conversation) and attributes to remove everywhere."""

    put: tuple[Record, ...] = ()
    remove: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.put or self.remove)


class ProfileStore(Protocol):
    """One round trip to read and one to write. Raises StoreUnavailable when it cannot be reached."""

    async def read(self, person: Person, now: Seconds) -> tuple[Record, ...]:
        """Every record not expired at ``now``, oldest first. Does not extend anything."""
        ...

    async def write(self, person: Person, changes: Changes, now: Seconds) -> None:
        """Apply all changes or none."""
        ...

    async def erase(self, person: Person) -> int:
        """Remove everything about a person; returns how many records there were. Idempotent."""
        ...

    async def purge(self, now: Seconds, limit: int) -> int:
        """Free the memory of at most ``limit`` expired records; returns how many were freed."""
        ...
