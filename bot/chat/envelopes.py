"""The port to what waits to be opened: messages for people who take no direct messages, until they press a button."""

from __future__ import annotations

from typing import Protocol

from bot.chat.outbound import Outbound
from bot.clock import Seconds
from bot.identity import Person


class Envelopes(Protocol):
    """Holds text of people: implementations seal it, and erase it with the person. All methods raise StoreUnavailable.

    Where several processes run it must be shared: the press may come to another process than the one that sent."""

    async def keep(self, key: str, message: Outbound, until: Seconds) -> None:
        """In place of an earlier one with this key."""
        ...

    async def find(self, key: str) -> Outbound | None:
        """None when there is none, or its time has passed."""
        ...

    async def erase(self, person: Person) -> int:
        """Those for the person; returns how many. Idempotent."""
        ...
