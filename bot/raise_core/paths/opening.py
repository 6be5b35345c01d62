"""Reading the index of planned queries into memory, at start and again as more is planned."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.errors import Unreadable
from bot.llm.embedder import Embedder, Vectors
from bot.raise_core.paths.evidence import Evidence
from bot.raise_core.paths.index import EvidenceStore
from bot.raise_core.paths.lessons import Lesson, lesson
from bot.raise_core.paths.nearest import Nearest
from bot.raise_core.paths.pooling import Pool
from bot.raise_core.paths.retrieval import FLOOR, UNHEARD, Lessons, Retrieval
from bot.raise_core.paths.sets import Lattice

FITTED: Final = 240
"""Planned queries that means and spreads are estimated from, spread evenly over the index; more change little."""
_BLOCK: Final = 1_024
"""Rows read at once: few enough that putting them into Python does not hold up the event loop."""
_EVIDENCE_AT_ONCE: Final = 40
_SPARE: Final = 4_096
_FIT_AGAIN: Final = 1.1
"""Means and spreads are estimated anew when so much of the index is new or planned again; until then such rows count as
neighbours."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The index as it was found: ``retrieval`` is None where nothing can be used; ``others`` are embedders whose
    vectors are there but not comparable, with how many."""

    retrieval: Retrieval | None
    embedder: str
    others: Mapping[str, int]

    @property
    def problem(self) -> str:
        """What is wrong and what to do about it; empty where all is well."""
        if not self.others:
            return ""
        told = ", ".join(f"{count} by {name}" for name, count in sorted(self.others.items()))
        return (
            f"planned queries were embedded by another model than {self.embedder} ({told}) and are not used: "
            "renew their vectors with raise-bot paths reembed"
        )


class Index:
    """The planned queries of a store with a vector of ``embedder``. ``lattice`` holds the attributes that may be asked
    for; evidence about others is passed over. For one task at a time.

    :meth:`refresh` reads what was put since, after two small queries. A row that was planned again keeps its place."""

    def __init__(
        self,
        store: EvidenceStore,
        embedder: Embedder,
        lattice: Lattice,
        *,
        floor: float = FLOOR,
        identical: bool = True,
    ) -> None:
        self._store, self._embedder, self._lattice = store, embedder, lattice
        self._floor, self._identical = floor, identical
        self._reading = _Reading(0, embedder, lattice)
        self._last = 0
        self._stamp: int | None = None
        self._pool: Pool | None = None
        self._fitted_at = 0
        self._retrieval: Retrieval | None = None

    async def refresh(self) -> Opened:
        """The index as it is now; the same retrieval where nothing was put. Raises StoreError."""
        counts = dict(await self._store.counts())
        total = counts.pop(self._embedder.name, 0)
        others = {name: count for name, count in counts.items() if count}
        made = len(self._retrieval) if self._retrieval is not None else 0
        stamp = await self._store.stamp()  # before the rows: what is put meanwhile is looked at once more
        if total != made or stamp != self._stamp:
            known = self._reading
            rows = known.rows
            await self._read(total)
            if self._stamp is not None and self._reading is known:
                await self._read_again(self._stamp, rows)
            self._retrieval = await self._made() if self._reading.rows else None
            self._stamp = stamp
        return Opened(self._retrieval, self._embedder.name, others)

    async def _read(self, total: int) -> None:
        if total > self._reading.rows:
            self._reading.make_room(total)
            await self._read_on(total)
        if total != self._reading.rows:
            # Rows went, changed their embedder or became visible out of their order: all is read again.
            self._reading, self._last, self._pool = _Reading(total, self._embedder, self._lattice), 0, None
            await self._read_on(total)

    async def _read_on(self, total: int) -> None:
        # What is put meanwhile is for the next time.
        reading = self._reading
        while reading.rows < total:
            block = await self._store.block(self._embedder.name, self._last, min(_BLOCK, total - reading.rows))
            if block is None:
                break
            await asyncio.to_thread(reading.take, block.ids, block.domains, block.vectors, block.lessons)
            self._last = block.last

    async def _read_again(self, stamp: int, rows: int) -> None:
        """Take in what was put after ``stamp`` of the first ``rows``, which were read before."""
        reading = self._reading
        place: dict[str, int] = await asyncio.to_thread(reading.places, rows)
        while put := await self._store.put_since(stamp, _EVIDENCE_AT_ONCE):
            stamp = put[-1][0]
            kept = await self._store.get([each for _, each in put if each in place])
            for each in kept.values():
                if each.embedder == self._embedder.name:
                    reading.renew(place[each.id], lesson(each.evidence))

    async def _made(self) -> Retrieval:
        reading = self._reading
        if self._pool is None or reading.rows + len(reading.renewed) >= _FIT_AGAIN * self._fitted_at:
            chosen = reading.chosen(FITTED)
            sample: list[tuple[int, Evidence]] = []
            for start in range(0, len(chosen), _EVIDENCE_AT_ONCE):
                rows = {reading.ids[row]: row for row in chosen[start : start + _EVIDENCE_AT_ONCE]}
                kept = await self._store.get(list(rows))
                sample += [(row, kept[name].evidence) for name, row in rows.items() if name in kept]
            self._pool = await asyncio.to_thread(reading.fit, sample)
            self._fitted_at = reading.rows
        return await asyncio.to_thread(reading.retrieval, self._pool, self._floor, self._identical)


def retrieval_of(
    evidence: Sequence[Evidence],
    vectors: Vectors,
    embedder: Embedder,
    lattice: Lattice,
    *,
    floor: float = FLOOR,
    identical: bool = True,
) -> Retrieval:
    """Retrieval over evidence that is in no store; ``vectors`` (evidence, dimensions) embed the queries."""
    reading = _Reading(len(evidence), embedder, lattice)
    reading.take(
        [str(row) for row in range(len(evidence))],
        [each.domain for each in evidence],
        vectors,
        [lesson(each) for each in evidence],
    )
    pool = reading.fit([(row, evidence[row]) for row in reading.chosen(FITTED)])
    return reading.retrieval(pool, floor, identical)


class _Reading:
    """The arrays of an index while it is read, block by block. What a retrieval was made of is never written again."""

    def __init__(self, room: int, embedder: Embedder, lattice: Lattice) -> None:
        self.ids: list[str] = []
        self.rows = 0
        self.renewed: set[int] = set()
        self._embedder, self._lattice = embedder, lattice
        self._names: dict[str, int] = {}
        self._fitted: list[int] = []
        self._allot(room)

    def _allot(self, room: int) -> None:
        # Memory is taken when it is written to: room that is not used costs nothing.
        attributes = len(self._lattice.attributes)
        self._domains = np.zeros(room, dtype=np.int16)
        self._vectors = np.zeros((room, self._embedder.dimensions), dtype=np.float32)
        self._said = np.zeros((room, attributes), dtype=np.float32)
        self._noise = np.zeros((room, attributes), dtype=np.float32)

    def make_room(self, total: int) -> None:
        """For ``total`` rows, and some to come."""
        if total <= len(self._domains):
            return
        domains, vectors, said, noise = self._domains, self._vectors, self._said, self._noise
        self._allot(total + total // 4 + _SPARE)
        self._domains[: self.rows], self._vectors[: self.rows] = domains[: self.rows], vectors[: self.rows]
        self._said[: self.rows], self._noise[: self.rows] = said[: self.rows], noise[: self.rows]

    def take(self, ids: Sequence[str], domains: Sequence[str], vectors: Vectors, lessons: Sequence[Lesson]) -> None:
        start, self.rows = self.rows, self.rows + len(ids)
        if vectors.shape[1] != self._embedder.dimensions:
            raise Unreadable(
                f"expected vectors of {self._embedder.dimensions} numbers by {self._embedder.name}, got "
                f"{vectors.shape[1]}: the database is damaged, restore it or import the planned queries into a new one"
            )
        self.ids += ids
        self._vectors[start : self.rows] = vectors
        self._domains[start : self.rows] = [self._names.setdefault(name, len(self._names)) for name in domains]
        self._learn(range(start, self.rows), lessons)

    def renew(self, row: int, each: Lesson) -> None:
        """What ``row`` teaches now. ``renewed`` holds those of which this is not in the means and spreads yet."""
        self._said[row] = 0.0
        self._learn((row,), (each,))
        self.renewed.add(row)

    def places(self, rows: int) -> dict[str, int]:
        """Where each of the first ``rows`` ids stands."""
        return {name: row for row, name in enumerate(self.ids[:rows])}

    def _learn(self, rows: Sequence[int], lessons: Sequence[Lesson]) -> None:
        alike = defaultdict[tuple[str, ...], list[tuple[int, Lesson]]](list)
        for row, each in zip(rows, lessons, strict=True):
            alike[each.attributes].append((row, each))
        for attributes, some in alike.items():  # mostly one: the judged sets hold every attribute
            at, places = np.array([row for row, _ in some]), self._places(attributes)
            known = places >= 0
            spots = np.ix_(at, places[known])
            self._noise[at] = UNHEARD
            self._said[spots] = np.array([each.said for _, each in some])[:, known]
            self._noise[spots] = np.array([each.noise for _, each in some])[:, known]

    def _places(self, attributes: tuple[str, ...]) -> NDArray[np.int64]:
        return np.array([self._lattice.place.get(name, -1) for name in attributes], dtype=np.int64)

    def chosen(self, count: int) -> list[int]:
        """Rows spread evenly over all."""
        return sorted(set(np.linspace(0, self.rows - 1, min(self.rows, count)).astype(int).tolist()))

    def fit(self, sample: Sequence[tuple[int, Evidence]]) -> Pool:
        """Means and spreads from rows and their evidence."""
        evidence, rows = [within(each, self._lattice) for _, each in sample], [row for row, _ in sample]
        pool = Pool(self._lattice, evidence, self._vectors[rows])
        self._fitted = [rows[place] for place in pool.rows]
        self.renewed.clear()
        return pool

    def retrieval(self, pool: Pool, floor: float, identical: bool) -> Retrieval:
        """Over all rows read so far."""
        names, rows = tuple(self._names), slice(self.rows)
        said, noise = self._said[rows].copy(), self._noise[rows].copy()
        heard = noise < UNHEARD
        # Of the rows it was fitted to the pool knows more than a lesson, which was made under the first guess; but of
        # what was judged nowhere it knows nothing.
        current = np.array([row not in self.renewed for row in self._fitted], dtype=bool)
        fitted = np.array(self._fitted, dtype=np.int64)[current]
        for kept, told in zip((said, noise), pool.told, strict=True):
            kept[fitted] = np.where(heard.any(axis=0), told[current], kept[fitted])
        lessons = Lessons(names, self._domains[rows], said, noise, heard)
        nearest = Nearest(self._vectors[rows])
        return Retrieval(self._embedder, nearest, lessons, pool, floor=floor, identical=identical)


def within(evidence: Evidence, lattice: Lattice) -> Evidence:
    """Without sets that hold attributes the policy no longer has."""
    judged = tuple(each for each in evidence.judged if all(name in lattice.place for name in each.attributes))
    return evidence if len(judged) == len(evidence.judged) else replace(evidence, judged=judged)
