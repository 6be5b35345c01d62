"""Erasures in memory: nothing to take up after the process has ended, because nothing else outlives it either."""

from __future__ import annotations

from dataclasses import replace

from bot.clock import Seconds
from bot.identity import Person
from bot.profile.erasure import Past, Pending, Receipt


class MemoryErasures:
    """Erasures of this process; receipts are kept as long as it runs, by a hash of the person."""

    def __init__(self) -> None:
        self._pending: dict[Person, Pending] = {}
        self._receipts: dict[int, list[Past]] = {}

    async def begin(self, person: Person, now: Seconds, locale: str) -> Pending:
        noted = self._pending.get(person, Pending(person, now, locale))
        self._pending[person] = replace(noted, erased=False)
        return self._pending[person]

    async def counted(self, person: Person, name: str, count: int) -> None:
        noted = self._pending.get(person)
        if noted is not None:
            self._pending[person] = replace(noted, removed={**noted.removed, name: count})

    async def erased(self, person: Person) -> None:
        noted = self._pending.get(person)
        if noted is not None:
            self._pending[person] = replace(noted, erased=True)

    async def finish(self, person: Person, receipt: Receipt, now: Seconds) -> None:
        if self._pending.pop(person, None) is not None:
            self._receipts.setdefault(hash(person), []).append(Past(now, receipt))

    async def pending(self) -> tuple[Pending, ...]:
        return tuple(sorted(self._pending.values(), key=_asked_at))

    async def receipts(self, person: Person) -> tuple[Past, ...]:
        return tuple(self._receipts.get(hash(person), ()))


def _asked_at(pending: Pending) -> Seconds:
    return pending.asked_at
