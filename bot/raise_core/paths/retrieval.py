"""What planned queries like the one at hand teach: the agent's evidence, over the whole index."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.errors import ProviderError, Unreadable
from bot.llm.embedder import Embedder, Vectors
from bot.raise_core.paths.evidence import Evidence
from bot.raise_core.paths.index import EvidenceStore
from bot.raise_core.paths.kriging import NEAREST, Around, krige
from bot.raise_core.paths.lessons import Lesson
from bot.raise_core.paths.nearest import Nearest
from bot.raise_core.paths.neighbours import NeighbourGains
from bot.raise_core.paths.pooling import Pool
from bot.raise_core.paths.sets import Lattice
from bot.raise_core.paths.value import Floats

FITTED: Final = 240
"""Planned queries that means and spreads are estimated from, spread evenly over the index; more change little."""
FLOOR: Final = 0.25
"""Cosine of the nearest planned query below which nothing similar enough is planned. With the default embedding, of two
messages that are this alike clearly more are of one domain than by chance; below they are not."""
_SAME: Final = 1.0 - 1e-5
"""Cosine from which on two texts are one and the same."""
_UNHEARD: Final = np.float32(1e6)
"""Variance of what was not judged: it says nothing."""
_HALF_TRUSTED: Final = 5
"""Queries of a domain after which its means count as much as the policy's table."""
_BLOCK: Final = 4_096


@dataclass(frozen=True, slots=True)
class Lessons:
    """The index as arrays: ``domains`` (rows,) are places in ``names``; what each row ``said`` of the strengths and its
    ``noise`` (rows, attributes)."""

    names: tuple[str, ...]
    domains: NDArray[np.int16]
    said: Vectors
    noise: Vectors


class Retrieval:
    """Implements :class:`~bot.raise_core.paths.gains.EvidenceSource`. Pure once made, and safe to share.

    ``pool`` gives means, from all to the domain; the nearest of all rows move them, each as sure as its judgements
    made it. ``identical`` says whether a planned query of the very same text counts (never in an evaluation)."""

    def __init__(
        self,
        embedder: Embedder,
        nearest: Nearest,
        lessons: Lessons,
        pool: Pool,
        *,
        floor: float = FLOOR,
        identical: bool = True,
    ) -> None:
        self._embedder, self._nearest, self._lessons, self._pool = embedder, nearest, lessons, pool
        self._levels = np.array([pool.level(name) for name in lessons.names])
        self._trust = _trust(lessons)
        self._floor, self._identical = floor, identical

    def __len__(self) -> int:
        return len(self._lessons.domains)

    def about(self, query: str, domain: str) -> Shrunk | None:
        """See the port. None where the nearest planned query is less alike than the floor."""
        found = self.found(query, domain)
        if found is None:
            return None
        names = self._lessons.names
        own = self._trust[names.index(domain)] if domain in names else np.zeros(len(found.sure))
        trust = 1.0 - (1.0 - own) * (1.0 - found.sure)
        return Shrunk(found, dict(zip(self._pool.lattice.attributes, trust.tolist(), strict=True)))

    def found(self, query: str, domain: str) -> NeighbourGains | None:
        """What planned queries say by themselves, whatever the table says."""
        near = self._pool.near
        if near is None:
            return None
        try:
            (vector,) = self._embedder.embed([query])
        except ProviderError:
            return None  # a remote embedding is away: the table decides, nobody waits
        rows, cosines = self._nearest.of(vector, NEAREST)
        if not self._identical:
            rows, cosines = rows[cosines < _SAME], cosines[cosines < _SAME]
        if not len(rows) or cosines[0] < self._floor:
            return None
        found = _Found(self._around(rows, cosines), near.total, near.share, near.sharpness)
        return NeighbourGains.of(self._pool.among(found), vector, domain)

    def _around(self, rows: NDArray[np.int64], cosines: Vectors) -> Around:
        lessons = self._lessons
        said = lessons.said[rows].astype(np.float64) - self._levels[lessons.domains[rows]]
        vectors = self._nearest.vectors[rows].astype(np.float64)
        return Around(vectors, cosines.astype(np.float64), said, lessons.noise[rows].astype(np.float64))


@dataclass(frozen=True, slots=True)
class Shrunk:
    """What planned queries say, each attribute moved back to the domain's table as far as it is not known: ``trust``
    (attribute -> 0 to 1) grows with what was judged of it in the domain and among neighbours."""

    found: NeighbourGains
    trust: Mapping[str, float]

    def gains(self, known: Mapping[str, str | None], table: Mapping[str, float], left: int) -> Mapping[str, float]:
        """See the port."""
        said = self.found.gains(known, table, left)
        return {name: gain + self.trust.get(name, 0.0) * (said[name] - gain) for name, gain in table.items()}


def _trust(lessons: Lessons) -> Floats:
    """How far the means of a domain are to be trusted (domains, attributes), by how many queries told of each."""
    told = (lessons.noise < _UNHEARD).astype(np.float64)
    count = np.zeros((len(lessons.names), told.shape[1]))
    np.add.at(count, lessons.domains, told)
    return count / (count + _HALF_TRUSTED)


@dataclass(slots=True)
class _Found:
    """The neighbourhood of one query, already looked up."""

    around: Around
    total: Floats
    share: float
    sharpness: int

    def predict(self, vector: Floats) -> tuple[Floats, Floats]:
        return krige(self.around, self.total, self.share, self.sharpness)


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


async def open_index(
    store: EvidenceStore,
    embedder: Embedder,
    lattice: Lattice,
    *,
    floor: float = FLOOR,
    identical: bool = True,
) -> Opened:
    """Read every planned query with a vector of ``embedder`` and fit what is needed. ``lattice`` holds the attributes
    that may be asked for; evidence about others is passed over. Raises StoreError."""
    counts = dict(await store.counts())
    total = counts.pop(embedder.name, 0)
    others = {name: count for name, count in counts.items() if count}
    if not total:
        return Opened(None, embedder.name, others)
    reading = _Reading(total, embedder, lattice)
    after = 0
    # What is put meanwhile is for the next time.
    while reading.rows < total:
        block = await store.block(embedder.name, after, min(_BLOCK, total - reading.rows))
        if block is None:
            break
        reading.take(block.ids, block.domains, block.vectors, block.lessons)
        after = block.last
    chosen = reading.chosen(FITTED)
    kept = await store.get([reading.ids[row] for row in chosen])
    fitted = [(row, kept[reading.ids[row]].evidence) for row in chosen if reading.ids[row] in kept]
    retrieval = await asyncio.to_thread(reading.fitted, fitted, floor, identical)
    return Opened(retrieval, embedder.name, others)


class _Reading:
    """The arrays of an index while it is read, block by block."""

    def __init__(self, total: int, embedder: Embedder, lattice: Lattice) -> None:
        self.ids: list[str] = []
        self.rows = 0
        self._embedder, self._lattice = embedder, lattice
        self._names: dict[str, int] = {}
        self._domains = np.zeros(total, dtype=np.int16)
        self._vectors = np.zeros((total, embedder.dimensions), dtype=np.float32)
        self._said = np.zeros((total, len(lattice.attributes)), dtype=np.float32)
        self._noise = np.full((total, len(lattice.attributes)), _UNHEARD, dtype=np.float32)

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
        for row, each in enumerate(lessons, start):
            places = self._places(each.attributes)
            known = places >= 0
            self._said[row, places[known]] = each.said[known]
            self._noise[row, places[known]] = each.noise[known]

    def _places(self, attributes: tuple[str, ...]) -> NDArray[np.int64]:
        return np.array([self._lattice.place.get(name, -1) for name in attributes], dtype=np.int64)

    def chosen(self, count: int) -> list[int]:
        """Rows spread evenly over all."""
        return sorted(set(np.linspace(0, self.rows - 1, min(self.rows, count)).astype(int).tolist()))

    def fitted(self, sample: Sequence[tuple[int, Evidence]], floor: float, identical: bool) -> Retrieval:
        vectors = self._vectors[: self.rows]
        known = [(row, _within(evidence, self._lattice)) for row, evidence in sample]
        pool = Pool(self._lattice, [each for _, each in known], vectors[[row for row, _ in known]])
        lessons = Lessons(
            tuple(self._names), self._domains[: self.rows], self._said[: self.rows], self._noise[: self.rows]
        )
        return Retrieval(self._embedder, Nearest(vectors), lessons, pool, floor=floor, identical=identical)


def _within(evidence: Evidence, lattice: Lattice) -> Evidence:
    """Without sets that hold attributes the policy no longer has."""
    judged = tuple(each for each in evidence.judged if all(name in lattice.place for name in each.attributes))
    return evidence if len(judged) == len(evidence.judged) else replace(evidence, judged=judged)
