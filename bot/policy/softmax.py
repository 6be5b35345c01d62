"""A linear classifier over many sparse features, fitted when a policy is loaded: multinomial logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
_MEMORY: Final = 8
_HALVINGS: Final = 20
_ENOUGH: Final = 1e-4
"""Share of the armijo decrease asked of a step, and of the first gradient below which fitting is done."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A matrix of shape (texts, ``width``). Its first columns are ``dense``; of the others only what is not zero is
    kept: ``columns`` and ``values``, row after row, each row beginning at its ``starts``. No row may be without any."""

    dense: Matrix
    columns: NDArray[np.intp]
    values: Matrix
    starts: NDArray[np.intp]
    width: int

    def first(self, texts: int) -> Rows:
        """The first so many rows."""
        end = int(self.starts[texts]) if texts < len(self.starts) else len(self.columns)
        return Rows(self.dense[:texts], self.columns[:end], self.values[:end], self.starts[:texts], self.width)

    def times(self, weights: Matrix) -> Matrix:
        """Shape (texts, classes), for ``weights`` of shape (width, classes)."""
        result: Matrix = self.dense @ weights[: self.dense.shape[1]]
        for each, column in zip(result.T, np.ascontiguousarray(weights.T), strict=True):
            each += np.add.reduceat(column[self.columns] * self.values, self.starts)
        return result

    def transposed_times(self, errors: Matrix) -> Matrix:
        """Shape (width, classes), for ``errors`` of shape (texts, classes)."""
        lengths = np.diff(self.starts, append=len(self.columns))
        sums = [np.bincount(self.columns, np.repeat(each, lengths) * self.values, self.width) for each in errors.T]
        result = np.array(sums, dtype=np.float32).T
        result[: self.dense.shape[1]] += self.dense.T @ errors
        return result


def fit(rows: Rows, labels: Sequence[int], ridge: float, steps: int) -> Matrix:
    """Weights of shape (features, classes).

    Every class weighs the same in sum, however many examples it has. At most ``steps`` of L-BFGS (Nocedal and Wright,
    Numerical optimization, algorithm 7.4). Deterministic: starts at zero.
    """
    goal = _Goal(rows, labels, ridge)
    place = np.zeros((rows.width, max(labels) + 1), dtype=np.float32)
    height, slope = goal.at(place)
    enough = _ENOUGH * float(np.abs(slope).max())
    steps_done: list[tuple[Matrix, Matrix]] = []
    for _ in range(steps):
        if float(np.abs(slope).max()) <= enough:
            break
        direction = -_bent(slope, steps_done)
        descent = float((direction * slope).sum())
        stride = 1.0 if steps_done else 1.0 / float(np.sqrt((slope * slope).sum()))
        for _ in range(_HALVINGS):
            new_height, new_slope = goal.at(place + np.float32(stride) * direction)
            if new_height <= height + _ENOUGH * stride * descent:
                break
            stride /= 2
        moved, change = np.float32(stride) * direction, new_slope - slope
        if float((moved * change).sum()) <= 0:
            break  # as near as 32 bits come
        steps_done = [*steps_done, (moved, change)][-_MEMORY:]
        place, height, slope = place + moved, new_height, new_slope
    return place


class _Goal:
    """The penalised, weighted negative log-likelihood, and its gradient."""

    def __init__(self, rows: Rows, labels: Sequence[int], ridge: float) -> None:
        classes = max(labels) + 1
        self._rows, self._ridge, self._labels = rows, ridge, np.asarray(labels)
        self._truth = np.eye(classes, dtype=np.float32)[self._labels]
        self._weight = (len(labels) / classes / self._truth.sum(axis=0))[self._labels]

    def at(self, place: Matrix) -> tuple[float, Matrix]:
        found = shares(self._rows.times(place))
        likely = np.log(np.maximum(found[np.arange(len(found)), self._labels], 1e-30))
        height = float(-(self._weight * likely).sum() + self._ridge / 2 * (place * place).sum())
        errors = (found - self._truth) * self._weight[:, None]
        return height, self._rows.transposed_times(errors.astype(np.float32)) + np.float32(self._ridge) * place


def _bent(slope: Matrix, steps: Sequence[tuple[Matrix, Matrix]]) -> Matrix:
    """The gradient times an estimate of the inverse Hessian, from the last steps and how they changed the gradient."""
    result = slope.copy()
    kept: list[tuple[Matrix, Matrix, float, float]] = []
    for moved, change in reversed(steps):
        curvature = float((moved * change).sum())
        share = float((moved * result).sum()) / curvature
        result -= np.float32(share) * change
        kept.append((moved, change, curvature, share))
    if kept:
        _, change, curvature, _ = kept[0]
        result *= np.float32(curvature / float((change * change).sum()))
    for moved, change, curvature, share in reversed(kept):
        result += np.float32(share - float((change * result).sum()) / curvature) * moved
    return result


def shares(scores: Matrix) -> Matrix:
    """Scores to shares that add up to 1 along the last axis."""
    raised: Matrix = np.exp(scores - scores.max(axis=-1, keepdims=True))
    result: Matrix = raised / raised.sum(axis=-1, keepdims=True)
    return result
