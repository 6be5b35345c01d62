"""What planned queries like the one at hand teach: the agent's evidence, over the whole index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.errors import ProviderError
from bot.llm.embedder import Embedder, Vectors
from bot.raise_core.paths.kriging import NEAREST, Around, Likeness, krige, scaled
from bot.raise_core.paths.nearest import Nearest
from bot.raise_core.paths.neighbours import NeighbourGains
from bot.raise_core.paths.pooling import Pool
from bot.raise_core.paths.value import Floats

FLOOR: Final = 0.25
"""Cosine of the nearest planned query below which nothing similar enough is planned. With the default embedding, of two
messages that are this alike clearly more are of one domain than by chance; below they are not."""
_SAME: Final = 1.0 - 1e-5
"""Cosine from which on two texts are one and the same."""
UNHEARD: Final = np.float32(1e6)
"""Variance of what was not judged: it says nothing."""
_HALF_TRUSTED: Final = 5
"""Queries of a domain after which its means count as much as the policy's table."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """The index as arrays: ``domains`` (rows,) are places in ``names``; what each row ``said`` of the strengths and its
    ``noise``, and for which of them judgements were ``heard`` (rows, attributes)."""

    names: tuple[str, ...]
    domains: NDArray[np.int16]
    said: Vectors
    noise: Vectors
    heard: NDArray[np.bool_]


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

    def about(self, query: str, domain: str) -> NeighbourGains | None:
        """See the port. None where the nearest planned query is less alike than the floor."""
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
        around = self._around(rows, np.asarray(vector, dtype=np.float64), near.scale)
        found = _Found(around, near.total, near.likeness, near.scale)
        names = self._lessons.names
        own = self._trust[names.index(domain)] if domain in names else np.zeros(self._trust.shape[1])
        return NeighbourGains.of(self._pool.among(found), vector, domain, own)

    def _around(self, rows: NDArray[np.int64], vector: Floats, scale: Floats) -> Around:
        lessons = self._lessons
        said = lessons.said[rows].astype(np.float64) - self._levels[lessons.domains[rows]]
        vectors = scaled(self._nearest.vectors[rows].astype(np.float64), scale)
        return Around(vectors, vectors @ scaled(vector[None], scale)[0], said, lessons.noise[rows].astype(np.float64))


def _trust(lessons: Lessons) -> Floats:
    """How far the means of a domain are to be trusted (domains, attributes), by how many queries told of each."""
    told = lessons.heard.astype(np.float64)
    count = np.zeros((len(lessons.names), told.shape[1]))
    np.add.at(count, lessons.domains, told)
    return count / (count + _HALF_TRUSTED)


@dataclass(slots=True)
class _Found:
    """The neighbourhood of one query, already looked up."""

    around: Around
    total: Floats
    likeness: Likeness
    scale: Floats

    def predict(self, vector: Floats) -> tuple[Floats, Floats]:
        return krige(self.around, self.total, self.likeness)
