"""Forget me: everything tied to a person, in a declared order, resumable, answered with a receipt.

What could write again goes first (running turns), the key that makes backups unreadable goes last. Before anything is
removed the erasure itself is noted, and that note goes last of all: whatever cuts it off, the next start finds the note
and does it again. Each store's ``erase`` is idempotent, so doing it again is safe until the person is told: what they
say afterwards is not to go with it, so the note says first that only telling them is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from typing import Final, Protocol

from bot.clock import Clock, Seconds
from bot.frozen import dataclass
from bot.identity import Person
from bot.profile.inventory import NAMES, remaining

NOBODY: Final = ""
"""In place of a language: nobody is told that the erasure is done (their workspace has gone)."""


class Erasable(Protocol):
    async def erase(self, person: Person) -> int:
        """Remove everything about the person; returns how many items there were. Idempotent."""
        ...


@dataclass(frozen=True, slots=True)
class Holding:
    """One store in the order of erasure. ``name`` is its name in the inventory and the phrase shown in the receipt
    (``privacy.store.<name>``)."""

    name: str
    store: Erasable


def in_order(stores: Mapping[str, Erasable]) -> tuple[Holding, ...]:
    """Stores by name, in the order of the inventory. Raises ValueError for a name that is not declared there."""
    unknown = stores.keys() - set(NAMES)
    if unknown:
        raise ValueError(f"not declared in bot.profile.inventory, so nobody would know of it: {sorted(unknown)}")
    return tuple(Holding(name, stores[name]) for name in NAMES if name in stores)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was removed, by store in the order it was done, and what must remain with the reason's phrase id."""

    removed: tuple[tuple[str, int], ...]
    remains: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return sum(count for _, count in self.removed)


@dataclass(frozen=True, slots=True)
class Pending:
    """An erasure that has begun: asked for at that moment, in that language; ``removed`` so far, by store. ``erased``:
    there is nothing more to remove, and only the person is to be told."""

    person: Person
    asked_at: Seconds
    locale: str
    removed: Mapping[str, int] = field(default_factory=dict)
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """A receipt as it is kept: without the person, found again only by who knows them."""

    finished_at: Seconds
    receipt: Receipt


class Erasures(Protocol):
    """Where erasures are noted. All methods raise StoreUnavailable."""

    async def begin(self, person: Person, now: Seconds, locale: str) -> Pending:
        """Note the erasure, or return the one that was cut off; where that had only to be told, it begins anew."""
        ...

    async def counted(self, person: Person, name: str, count: int) -> None:
        """Note how many items were removed from a store so far."""
        ...

    async def erased(self, person: Person) -> None:
        """Note that everything is removed, before the person is told."""
        ...

    async def finish(self, person: Person, receipt: Receipt, now: Seconds) -> None:
        """Keep the receipt and remove the note, both or neither. Does nothing where there is no note."""
        ...

    async def pending(self) -> tuple[Pending, ...]:
        """Every erasure noted and not finished, oldest first."""
        ...

    async def receipts(self, person: Person) -> tuple[Past, ...]:
        """The receipts of a person's erasures, oldest first, as long as they are kept."""
        ...


@dataclass(frozen=True, slots=True)
class Forgetting:
    """``holdings`` gives what to erase, in order, sparing the turn of that id: the one that erases."""

    holdings: Callable[[str], Sequence[Holding]]
    log: Erasures
    clock: Clock
    running: set[Person] = field(default_factory=set)
    latest: list[Seconds] = field(default_factory=lambda: [0.0])
    """The moment of the latest erasure of this process, alone in the list."""

    @contextmanager
    def alone(self, person: Person) -> Iterator[None]:
        """Within, from the beginning until the note is gone, nobody else here takes the person's erasure up: what they
        write once they were told would go with a second one."""
        self.running.add(person)
        try:
            yield
        finally:
            self.running.discard(person)

    async def erase(self, person: Person, locale: str = "und", spared: str = "") -> tuple[Pending, Receipt]:
        """Remove a person everywhere, to be called within :meth:`alone`. Raises the first store's error; calling again
        goes on safely. The note stays until :meth:`finish`, so that the person is told however often this is cut
        off."""
        pending = await self.log.begin(person, self._moment(), locale)
        removed = dict(pending.removed)
        for each in self.holdings(spared):
            count = await each.store.erase(person)
            removed[each.name] = removed.get(each.name, 0) + count
            if count:
                await self.log.counted(person, each.name, removed[each.name])
        await self.log.erased(person)
        return pending, _receipt(removed)

    def receipt(self, pending: Pending) -> Receipt:
        """Of an erasure that only has to be told."""
        return _receipt({each.name: pending.removed.get(each.name, 0) for each in self.holdings("")})

    def _moment(self) -> Seconds:
        """Now, or a little later: the receipt is known by its moment, and a clock that was set back stands still."""
        self.latest[0] = max(self.clock.now(), self.latest[0] + 1e-5)
        return self.latest[0]

    async def note(self, people: Iterable[Person]) -> None:
        """Promise to erase them, and tell nobody: they are among ``interrupted`` until it is done. Raises
        StoreUnavailable; noting somebody again changes nothing."""
        now = self.clock.now()
        await asyncio.gather(*(self.log.begin(person, now, NOBODY) for person in people))

    async def finish(self, person: Person, receipt: Receipt) -> None:
        """The person was told, or cannot be: the note goes, the receipt stays."""
        await self.log.finish(person, receipt, self.clock.now())

    async def interrupted(self) -> tuple[Pending, ...]:
        """Erasures that nobody in this process is at."""
        return tuple(each for each in await self.log.pending() if each.person not in self.running)


def _receipt(removed: Mapping[str, int]) -> Receipt:
    return Receipt(tuple(removed.items()), remaining(removed))
