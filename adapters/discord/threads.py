"""Threads a person talks in, for one process: forgets with it, and the oldest of 50,000."""

from __future__ import annotations

from typing import Final

from cachetools import FIFOCache

from bot.clock import Seconds
from bot.identity import Person

_KEEP: Final = 50_000


class MemoryThreads:
    """:class:`bot.chat.threads.Threads` in memory."""

    def __init__(self) -> None:
        self._joined: FIFOCache[tuple[Person, str], Seconds] = FIFOCache(_KEEP)

    async def join(self, person: Person, thread: str, now: Seconds) -> None:
        self._joined[(person, thread)] = now

    async def joined(self, person: Person, thread: str) -> bool:
        return (person, thread) in self._joined

    async def leave(self, person: Person) -> int:
        theirs = [key for key in self._joined if key[0] == person]
        for key in theirs:
            del self._joined[key]
        return len(theirs)
