"""The nearest of many vectors, within a few milliseconds: exactly for few, by a first rough look for many."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.llm.embedder import Vectors

EXACT: Final = 16_000
"""Up to this many rows every cosine is computed; reading them takes 3 ms."""
_ROUGH: Final = 64
"""Dimensions of the first look."""
_LOOKED_AT: Final = 2_000
"""Rows that pass the first look and are measured exactly."""
_SAMPLE: Final = 8_000
_STEP: Final = 8_192


class Nearest:
    """``vectors`` (rows, dimensions), float32 of length 1. Beyond EXACT rows they are first compared in the directions
    in which they differ most (principal components), since reading all of them takes longer than a turn may."""

    def __init__(self, vectors: Vectors) -> None:
        self.vectors = vectors
        self._turn: Vectors | None = None
        if len(vectors) > EXACT and vectors.shape[1] > _ROUGH:
            self._turn = _directions(vectors)
            self._rough = np.empty((len(vectors), _ROUGH), dtype=np.float32)
            for start in range(0, len(vectors), _STEP):
                np.matmul(vectors[start : start + _STEP], self._turn, out=self._rough[start : start + _STEP])

    def of(self, vector: Vectors, count: int) -> tuple[NDArray[np.int64], Vectors]:
        """Rows of the ``count`` nearest to ``vector`` (dimensions,), nearest first, and their cosines."""
        if self._turn is None:
            cosines = self.vectors @ vector
            rows = _largest(cosines, count)
            return rows, cosines[rows]
        looked = _largest(self._rough @ (vector @ self._turn), _LOOKED_AT)
        cosines = self.vectors[looked] @ vector
        best = _largest(cosines, count)
        return looked[best], cosines[best]


def _largest(values: Vectors, count: int) -> NDArray[np.int64]:
    """Places of the largest values, largest first; equal ones in their order."""
    count = min(count, len(values))
    if not count:
        return np.zeros(0, dtype=np.int64)
    some = np.sort(np.argpartition(-values, count - 1)[:count])
    return some[np.argsort(-values[some], kind="stable")]


def _directions(vectors: Vectors) -> Vectors:
    """The first principal directions (dimensions, _ROUGH), from a sample spread evenly; not centred, as cosines are."""
    some = vectors[np.linspace(0, len(vectors) - 1, min(len(vectors), _SAMPLE)).astype(np.int64)]
    _, turned = np.linalg.eigh(some.T @ some)
    return np.ascontiguousarray(turned[:, ::-1][:, :_ROUGH])
