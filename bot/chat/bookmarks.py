"""The port to bookmarks: how far each place was read, for platforms that do not send again what was missed.

It holds ids and moments, no text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.clock import Seconds
from bot.frozen import dataclass
from bot.identity import Person


@dataclass(frozen=True, slots=True)
class Bookmark:
    """``message`` is the last one taken in, written ``at``, in ``channel`` of ``workspace``. ``person`` is set for the
    direct messages of somebody, which belong to no workspace (empty)."""

    channel: str
    workspace: str
    message: str
    at: Seconds
    person: Person | None = None


class Bookmarks(Protocol):
    """Of one platform. All methods raise StoreUnavailable."""

    async def mark(self, bookmark: Bookmark) -> None:
        """In place of the channel's earlier one, unless that is of a later moment."""
        ...

    async def meet(self, bookmark: Bookmark) -> None:
        """Keep it unless the channel has one."""
        ...

    async def of(self, channel: str) -> Bookmark | None: ...

    async def since(self, at: Seconds, limit: int) -> Sequence[Bookmark]:
        """Those of a later moment, the latest first; at most ``limit``."""
        ...

    async def forget(self, person: Person) -> int:
        """Those of the person's direct messages; returns how many. Idempotent."""
        ...

    async def leave(self, workspace: str) -> int:
        """Those of a workspace; returns how many. Idempotent."""
        ...
