"""What neighbouring queries share beyond their domain: Gaussian-process regression over embeddings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
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
_FULL: Final = (1.0, 0.7, 0.5, 0.35)
_USUAL: Final = 0.6
"""The share with which shapes of likeness are compared."""
_SHARES: Final = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How far two queries of one ``cosine`` are alike at sight: not below 0, wholly from ``full`` on (texts of one
    theme use different words), and between them as a power, ``sharpness``. ``share`` of what queries differ in is
    shared by those that are alike."""

    share: float = 0.0
    sharpness: int = 1
    full: float = 1.0

    def among(self, cosines: Floats) -> Floats:
        """How alike queries are, 0 to 1, from their cosines with one another; both (queries, queries).

        Two are alike as far as they are alike at sight to the same others. So it is a valid covariance, which cosines
        that were cut and raised are not, and two that share no word are joined by a third that shares some with
        both."""
        sight = np.clip(cosines / self.full, 0.0, 1.0) ** self.sharpness
        alike = sight @ sight
        long = np.sqrt(np.diag(alike))
        even: Floats = alike / np.outer(long, long)
        return even


class Neighbourhood(Protocol):
    """Where a pool's neighbours come from. ``total`` (attributes,) is the variance of strengths among queries, of which
    ``likeness`` is shared; cosines are taken after each dimension of the vectors was multiplied by its ``scale``
    (dimensions,)."""

    total: Floats
    likeness: Likeness
    scale: Floats

    def predict(self, vector: Floats) -> tuple[Floats, Floats]:
        """Mean and variance (attributes,) of a new query's residuals; ``vector`` (dimensions,) embeds it."""
        ...


class Kriging:
    """Residuals of planned queries, and how far likeness of wording carries them to a new one.

    ``found`` (queries, attributes) are estimates shrunk to nought, ``doubt`` their posterior variances, ``total``
    (attributes,) the variance among queries. Covariance of two queries is ``total * share * likeness``, which is chosen
    by marginal likelihood. What each query ``said`` by itself and how noisily (queries, attributes) has the shrinking
    divided out again. Cosines are taken after dimensions were evened out: what every query says (greetings, pleas)
    tells least of what it is about."""

    def __init__(self, vectors: Floats, found: Floats, doubt: Floats, total: Floats) -> None:
        known = np.clip(1.0 - doubt / total, 0.02, 0.999)
        square = (vectors**2).mean(axis=0)
        self.scale: Floats = 1.0 / np.sqrt(square + _LEAST * max(float(square.mean()), 1e-9))
        self.vectors, self.total = scaled(vectors, self.scale), total
        self.said: Floats = found / known
        self.noise: Floats = total * (1.0 - known) / known
        self.likeness = self._choose()

    def _choose(self) -> Likeness:
        # Spread evenly over the evidence, so that it does not depend on the order of domains.
        rows = np.linspace(0, len(self.vectors) - 1, min(len(self.vectors), _SAMPLE)).astype(np.int64)
        cosines = self.vectors[rows] @ self.vectors[rows].T
        # The shape first, then how much is shared: looking at every pair of them finds nothing better, at four times
        # the cost.
        shapes = [Likeness(_USUAL, sharpness, full) for full, sharpness in product(_FULL, _SHARPNESS)]
        shape = max(shapes, key=lambda each: self._likelihood(each, cosines, rows))
        shared = [replace(shape, share=share) for share in _SHARES]
        return max(shared, key=lambda each: self._likelihood(each, cosines, rows))

    def _likelihood(self, likeness: Likeness, cosines: Floats, rows: NDArray[np.int64]) -> float:
        kernel, found = likeness.share * likeness.among(cosines), 0.0
        for place, own in enumerate(self.total):
            noise = np.diag(self.noise[rows, place] + own * (1.0 - likeness.share) + 1e-6)
            root = np.linalg.cholesky(own * kernel + noise)
            white = np.linalg.solve(root, self.said[rows, place])
            found += float(-0.5 * white @ white - np.log(np.diag(root)).sum())
        return found

    def predict(self, vector: Floats) -> tuple[Floats, Floats]:
        """Mean and variance (attributes,) of a new query's residuals; ``vector`` (dimensions,) embeds it."""
        cosines = self.vectors @ scaled(vector[None], self.scale)[0]
        near = np.argsort(-cosines, kind="stable")[:NEAREST]
        around = Around(self.vectors[near], cosines[near], self.said[near], self.noise[near])
        return krige(around, self.total, self.likeness)


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


def krige(around: Around, total: Floats, likeness: Likeness) -> tuple[Floats, Floats]:
    """Mean and variance (attributes,) of the residuals in the middle of these neighbours; see :class:`Kriging`."""
    mean, left = np.zeros(len(total)), total.copy()
    share = likeness.share
    if share == 0.0 or not len(around.cosines):
        return mean, left
    # The query itself comes last.
    cosines = np.ones((len(around.cosines) + 1,) * 2)
    cosines[:-1, :-1] = around.vectors @ around.vectors.T
    cosines[-1, :-1] = cosines[:-1, -1] = around.cosines
    every = likeness.among(cosines)
    kernel, alike = every[:-1, :-1], every[-1, :-1]
    for place, own in enumerate(total):
        noise = np.diag(around.noise[:, place] + own * (1.0 - share) + 1e-6)
        pull = own * share * alike
        weights = np.linalg.solve(own * share * kernel + noise, pull)
        mean[place] = weights @ around.said[:, place]
        left[place] = max(own - float(weights @ pull), 0.2 * own)
    return mean, left
