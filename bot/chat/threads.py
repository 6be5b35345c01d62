"""The port to a short list: in which threads of public channels a person talks with the bot.

A platform uses it to go on in a thread without a new mention, also after a restart. It holds ids only.
"""

from __future__ import annotations

from typing import Protocol

from bot.clock import Seconds
from bot.identity import Person


class Threads(Protocol):
    """All methods raise StoreUnavailable when the store cannot be reached."""

    async def join(self, person: Person, thread: str, now: Seconds) -> None:
        """Remember that the person talks with the bot in this thread. Idempotent."""
        ...

    async def joined(self, person: Person, thread: str) -> bool: ...

    async def leave(self, person: Person) -> int:
        """Forget all of a person's threads; returns how many. Idempotent."""
        ...
