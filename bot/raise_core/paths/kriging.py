"""What neighbouring queries share beyond their domain: Gaussian-process regression over embeddings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.raise_core.paths.value import Floats

NEAREST: Final = 60
"""Neighbours that take part in one prediction; those further away add nothing measurable."""
_SAMPLE: Final = 400
"""Queries the marginal likelihood is computed on (its cost grows with the cube)."""
_LEAST: Final = 0.005
"""What is added to a dimension's mean square before it is evened out, as a share of the mean over all dimensions."""
_SHARPNESS: Final = (1, 2, 3)
_SHARES: Final = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)


class Neighbourhood(Protocol):
    """Where a pool's neighbours come from. ``total`` (attributes,) is the variance of strengths among queries, of which
    ``share`` is shared by likeness: cosine to the power of ``sharpness``, after each dimension of the vectors was
    multiplied by its ``scale`` (dimensions,)."""

    total: Floats
    share: float
    sharpness: int
    scale: Floats

    def predict(self, vector: Floats) -> tuple[Floats, Floats]:
        """Mean and variance (attributes,) of a new query's residuals; ``vector`` (dimensions,) embeds it."""
        ...


class Kriging:
    """Residuals of planned queries, and how far likeness of wording carries them to a new one.

    ``found`` (queries, attributes) are estimates shrunk to nought, ``doubt`` their posterior variances, ``total``
    (attributes,) the variance among queries. Covariance of two queries is ``total * share * max(cosine, 0) **
    sharpness``; share and sharpness maximise the marginal likelihood. Cosines are taken after dimensions were evened
    out: what every query says (greetings, pleas) tells least of what it is about."""

    def __init__(self, vectors: Floats, found: Floats, doubt: Floats, total: Floats) -> None:
        known = np.clip(1.0 - doubt / total, 0.02, 0.999)
        square = (vectors**2).mean(axis=0)
        self.scale: Floats = 1.0 / np.sqrt(square + _LEAST * max(float(square.mean()), 1e-9))
        self.vectors, self.total = scaled(vectors, self.scale), total
        self._said = found / known
        self._noise = total * (1.0 - known) / known
        self.share, self.sharpness = self._choose()

    def _choose(self) -> tuple[float, int]:
        # Spread evenly over the evidence, so that it does not depend on the order of domains.
        rows = np.linspace(0, len(self.vectors) - 1, min(len(self.vectors), _SAMPLE)).astype(np.int64)
        likeness = np.maximum(self.vectors[rows] @ self.vectors[rows].T, 0.0)
        best, chosen = -np.inf, (0.0, 1)
        for sharpness in _SHARPNESS:
            kernel = likeness**sharpness
            for share in _SHARES:
                found = sum(self._likelihood(kernel, share, rows, place) for place in range(len(self.total)))
                if found > best:
                    best, chosen = found, (share, sharpness)
        return chosen

    def _likelihood(self, kernel: Floats, share: float, rows: NDArray[np.int64], place: int) -> float:
        noise = np.diag(self._noise[rows, place] + self.total[place] * (1.0 - share) + 1e-6)
        try:
            root = np.linalg.cholesky(self.total[place] * share * kernel + noise)
        except np.linalg.LinAlgError:
            # A clipped cosine is not always a valid covariance; such a choice is passed over.
            return -np.inf
        white = np.linalg.solve(root, self._said[rows, place])
        return float(-0.5 * white @ white - np.log(np.diag(root)).sum())

    def predict(self, vector: Floats) -> tuple[Floats, Floats]:
        """Mean and variance (attributes,) of a new query's residuals; ``vector`` (dimensions,) embeds it."""
        cosines = self.vectors @ scaled(vector[None], self.scale)[0]
        near = np.argsort(-cosines, kind="stable")[:NEAREST]
        around = Around(self.vectors[near], cosines[near], self._said[near], self._noise[near])
        return krige(around, self.total, self.share, self.sharpness)


def scaled(vectors: Floats, scale: Floats) -> Floats:
    """Vectors (rows, dimensions) with each dimension multiplied by its scale, of length 1 again."""
    wide = vectors * scale
    even: Floats = wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-9)
    return even


@dataclass(frozen=True, slots=True)
class Around:
    """The neighbours of one query: ``vectors`` (neighbours, dimensions), their ``cosines`` with it (neighbours,), what
    each ``said`` of the residuals and how noisily (neighbours, attributes)."""

    vectors: Floats
    cosines: Floats
    said: Floats
    noise: Floats


def krige(around: Around, total: Floats, share: float, sharpness: int) -> tuple[Floats, Floats]:
    """Mean and variance (attributes,) of the residuals in the middle of these neighbours; see :class:`Kriging`."""
    mean, left = np.zeros(len(total)), total.copy()
    if share == 0.0 or not len(around.cosines):
        return mean, left
    kernel = np.maximum(around.vectors @ around.vectors.T, 0.0) ** sharpness
    likeness = np.maximum(around.cosines, 0.0) ** sharpness
    for place, own in enumerate(total):
        noise = np.diag(around.noise[:, place] + own * (1.0 - share) + 1e-6)
        pull = own * share * likeness
        weights = np.linalg.solve(own * share * kernel + noise, pull)
        mean[place] = weights @ around.said[:, place]
        left[place] = max(own - float(weights @ pull), 0.2 * own)
    return mean, left
