"""A linear classifier over many sparse features, fitted when a policy is loaded: multinomial logistic regression."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Shape = NDArray[np.float64]
Vector = TypeVar("Vector", Matrix, Shape)
_MEMORY: Final = 8
_HALVINGS: Final = 20
_COMMON: Final = 40
"""A feature of more rows than this is multiplied as a dense one."""
MOST_ALIKE: Final = 5_000
"""Rows of which all products are kept at once (100 MB); beyond, fitting goes by features."""
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
        by_class = np.ascontiguousarray(weights.T)
        result: Matrix = self.dense @ by_class[:, : self.dense.shape[1]].T  # in this order many times quicker for few
        for each, column in zip(result.T, by_class, strict=True):
            each += np.add.reduceat(column[self.columns] * self.values, self.starts)
        return result

    def likeness(self) -> Matrix:
        """Products of the rows with each other, of shape (texts, texts)."""
        texts = len(self.starts)
        of_row = np.repeat(np.arange(texts), np.diff(self.starts, append=len(self.columns)))
        held = np.bincount(self.columns, minlength=self.width)
        common = np.flatnonzero(held > _COMMON)
        place = np.full(self.width, -1)
        place[common] = np.arange(len(common))
        at = place[self.columns]
        often = np.zeros((texts, len(common)), dtype=np.float32)
        often[of_row[at >= 0], at[at >= 0]] = self.values[at >= 0]
        result: Matrix = self.dense @ self.dense.T
        result += often @ often.T
        flat = result.reshape(-1)
        seldom = np.flatnonzero(at < 0)
        order = seldom[np.argsort(self.columns[seldom], kind="stable")]
        column, row, value = self.columns[order], of_row[order], self.values[order]
        for apart in range(_COMMON):  # each pair of rows that share a column, by how far apart they stand in it
            pairs = np.flatnonzero(column[apart:] == column[: len(column) - apart])
            if not len(pairs):
                break
            one, other = row[pairs], row[pairs + apart]
            products = value[pairs] * value[pairs + apart]
            np.add.at(flat, one * texts + other, products)
            if apart:
                np.add.at(flat, other * texts + one, products)
        return result

    def transposed_times(self, errors: Matrix) -> Matrix:
        """Shape (width, classes), for ``errors`` of shape (texts, classes)."""
        lengths = np.diff(self.starts, append=len(self.columns))
        sums = [np.bincount(self.columns, np.repeat(each, lengths) * self.values, self.width) for each in errors.T]
        result = np.array(sums, dtype=np.float32).T
        result[: self.dense.shape[1]] += (np.ascontiguousarray(errors.T) @ self.dense).T
        return result


def fit(rows: Rows, labels: Sequence[int], ridge: float, steps: int, likeness: Matrix | None = None) -> Matrix:
    """Weights of shape (features, classes).

    Every class weighs the same in sum, however many examples it has. At most ``steps`` of L-BFGS (Nocedal and Wright,
    Numerical optimization, algorithm 7.4). Deterministic: starts at zero. ``likeness`` is the rows' own, of shape
    (texts, texts), where it is known; with many classes fitting is then much quicker, and ends at the same weights.
    """
    goal = _Goal(rows, labels, ridge)
    return _by_texts(goal, likeness, steps) if likeness is not None else _by_features(goal, steps)


def _by_features(goal: _Goal, steps: int) -> Matrix:
    place = np.zeros((goal.rows.width, goal.classes), dtype=np.float32)
    height, errors = goal.at(place)
    slope = goal.slope(errors, place)
    enough = _ENOUGH * float(np.abs(slope).max())
    steps_done: list[tuple[Matrix, Matrix]] = []
    for left in reversed(range(steps)):
        if float(np.abs(slope).max()) <= enough:
            break
        direction = -_bent(slope, steps_done, _product)
        descent = _product(direction, slope)
        stride = 1.0 if steps_done else 1.0 / float(np.sqrt(_product(slope, slope)))
        for _ in range(_HALVINGS):
            moved = np.float32(stride) * direction
            new_height, errors = goal.at(place + moved)
            if new_height <= height + _ENOUGH * stride * descent:
                break
            stride /= 2
        if not left:
            return place + moved  # nobody asks where it leads on from there
        new_slope = goal.slope(errors, place + moved)
        change = new_slope - slope
        if _product(moved, change) <= 0:
            break  # as near as 32 bits come
        steps_done = [*steps_done, (moved, change)][-_MEMORY:]
        place, height, slope = place + moved, new_height, new_slope
    return place


def _by_texts(goal: _Goal, likeness: Matrix, steps: int) -> Matrix:
    """The same steps. Every place and slope on the way is a sum of the rows, weighed by errors made at places before
    (the representer theorem), so a few numbers tell it, and the rows' products with each other are all it takes."""
    span = _Span(likeness, steps + 1)
    scores: Matrix = np.zeros((len(likeness), goal.classes), dtype=np.float32)
    place = np.zeros(steps + 1)
    loss, errors = goal.of_scores(scores)
    height, slope = loss, span.grown(errors) + goal.ridge * place
    enough = _ENOUGH**2 * span.product(slope, slope)
    steps_done: list[tuple[Shape, Shape]] = []
    for left in reversed(range(steps)):
        size = span.product(slope, slope)
        if size <= enough:
            break
        direction = -_bent(slope, steps_done, span.product)
        descent, turn = span.product(direction, slope), span.scores(direction)
        stride = 1.0 if steps_done else size**-0.5
        for _ in range(_HALVINGS):
            there, tried = place + stride * direction, scores + np.float32(stride) * turn
            loss, errors = goal.of_scores(tried)
            new_height = loss + goal.ridge / 2 * span.product(there, there)
            if new_height <= height + _ENOUGH * stride * descent:
                break
            stride /= 2
        if not left:
            place = there
            break
        new_slope = span.grown(errors) + goal.ridge * there
        moved, change = stride * direction, new_slope - slope
        if span.product(moved, change) <= 0:
            break
        steps_done = [*steps_done, (moved, change)][-_MEMORY:]
        place, scores, height, slope = there, tried, new_height, new_slope
    return goal.rows.transposed_times(span.summed(place))


class _Span:
    """Errors made at a few places, each of shape (texts, classes). A vector is told by its share of each."""

    def __init__(self, likeness: Matrix, most: int) -> None:
        self._likeness, self._most = likeness, most
        self._errors: list[Matrix] = []
        self._seen: list[Matrix] = []
        self._products = np.zeros((most, most))

    def grown(self, errors: Matrix) -> Shape:
        """Takes ``errors`` in; the vector that is these alone."""
        number = len(self._errors)
        seen: Matrix = self._likeness @ errors
        self._errors.append(errors)
        self._seen.append(seen)
        row = [float(np.vdot(each, seen)) for each in self._errors]
        self._products[number, : number + 1] = self._products[: number + 1, number] = row
        alone: Shape = np.eye(self._most)[number]
        return alone

    def product(self, one: Shape, other: Shape) -> float:
        return float(one @ self._products @ other)

    def scores(self, shares_of: Shape) -> Matrix:
        """What each row scores, shape (texts, classes)."""
        return _weighed(shares_of, self._seen)

    def summed(self, shares_of: Shape) -> Matrix:
        return _weighed(shares_of, self._errors)


def _weighed(shares_of: Shape, parts: Sequence[Matrix]) -> Matrix:
    result = np.zeros_like(parts[0])
    for share, part in zip(shares_of, parts, strict=False):  # those to come have no share yet
        if share:
            result += np.float32(share) * part
    return result


def _product(one: Matrix, other: Matrix) -> float:
    return float((one * other).sum())


class _Goal:
    """The penalised, weighted negative log-likelihood, and its gradient."""

    def __init__(self, rows: Rows, labels: Sequence[int], ridge: float) -> None:
        self.classes = max(labels) + 1
        self.rows, self.ridge, self._labels = rows, ridge, np.asarray(labels)
        self._truth = np.eye(self.classes, dtype=np.float32)[self._labels]
        self._weight = (len(labels) / self.classes / self._truth.sum(axis=0))[self._labels]

    def at(self, place: Matrix) -> tuple[float, Matrix]:
        """What is to be made small, and how wrong each row is in each class."""
        loss, errors = self.of_scores(self.rows.times(place))
        return loss + float(self.ridge / 2 * (place * place).sum()), errors

    def slope(self, errors: Matrix, place: Matrix) -> Matrix:
        """The gradient at ``place``, where the rows are so wrong."""
        slope: Matrix = self.rows.transposed_times(errors) + np.float32(self.ridge) * place
        return slope

    def of_scores(self, scores: Matrix) -> tuple[float, Matrix]:
        """The loss without the penalty, and how wrong each row is in each class."""
        found = shares(scores)
        likely = np.log(np.maximum(found[np.arange(len(found)), self._labels], 1e-30))
        errors = (found - self._truth) * self._weight[:, None]
        return float(-(self._weight * likely).sum()), errors.astype(np.float32)


def _bent(slope: Vector, steps: Sequence[tuple[Vector, Vector]], product: Callable[[Vector, Vector], float]) -> Vector:
    """The gradient times an estimate of the inverse Hessian, from the last steps and how they changed the gradient."""
    result = slope.copy()
    kept: list[tuple[Vector, Vector, float, float]] = []
    for moved, change in reversed(steps):
        curvature = product(moved, change)
        share = product(moved, result) / curvature
        result -= slope.dtype.type(share) * change
        kept.append((moved, change, curvature, share))
    if kept:
        _, change, curvature, _ = kept[0]
        result *= slope.dtype.type(curvature / product(change, change))
    for moved, change, curvature, share in reversed(kept):
        result += slope.dtype.type(share - product(change, result) / curvature) * moved
    return result


def shares(scores: Matrix) -> Matrix:
    """Scores to shares that add up to 1 along the last axis."""
    raised: Matrix = np.exp(scores - scores.max(axis=-1, keepdims=True))
    result: Matrix = raised / raised.sum(axis=-1, keepdims=True)
    return result
