"""The port to what waits to be opened: messages for people who take no direct messages, until they press the button."""

from __future__ import annotations

from typing import Final, Protocol

from cachetools import TLRUCache

from bot.chat import Outbound
from bot.clock import Clock, Seconds
from bot.identity import Person

_KEEP: Final = 10_000


class Envelopes(Protocol):
    """Holds text of people: implementations seal it, and erase it with the person. All methods raise StoreUnavailable.

    Where several processes run it must be shared: the press may come to another process than the one that sent."""

    async def keep(self, key: str, message: Outbound, until: Seconds) -> None: ...

    async def find(self, key: str) -> Outbound | None: ...

    async def erase(self, person: Person) -> int: ...


class MemoryEnvelopes:
    """For one process; what it holds goes with it."""

    def __init__(self, clock: Clock) -> None:
        self._kept: TLRUCache[str, tuple[Outbound, Seconds]] = TLRUCache(
            _KEEP, lambda _key, value, _now: value[1], timer=clock.now
        )

    async def keep(self, key: str, message: Outbound, until: Seconds) -> None:
        self._kept[key] = (message, until)

    async def find(self, key: str) -> Outbound | None:
        found = self._kept.get(key)
        return found[0] if found is not None else None

    async def erase(self, person: Person) -> int:
        self._kept.expire()
        theirs = [key for key, (message, _) in self._kept.items() if message.to == person]
        return sum(self._kept.pop(key, None) is not None for key in theirs)
