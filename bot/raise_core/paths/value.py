"""The value of a set of attributes, with few parameters, learned from noisy judgements (METHOD 6.1).

    value(U) = base + room * (1 - product over a in U of (1 - w_a)) + sum over pairs in U of eta_ab * w_a * w_b

The log of the remaining deficit is additive over attributes, with small pair terms on top. A weight is kept as its
strength -log(1 - w), in which returns diminish by themselves; beliefs are Gaussian and are updated by relinearising
(an iterated extended Kalman filter), which is exact where the model is linear and close elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.raise_core.paths.sets import Lattice

Floats = NDArray[np.float64]
_STEPS: Final = 3
"""Relinearisations per update; the third moves an estimate by less than a hundredth of its standard error."""
_LOWEST, _HIGHEST = 0.01, 3.0
"""Strengths stay here: weights between 0.01 and 0.95, the range of METHOD section 7."""


@dataclass(frozen=True, slots=True)
class Belief:
    """A Gaussian over parameters: ``mean`` (parameters,), ``cov`` (parameters, parameters)."""

    mean: Floats
    cov: Floats


@dataclass(frozen=True, slots=True)
class Judgements:
    """What was judged about one query: ``bits`` of the sets (n,), mean ``scores`` (n,) on the 1-5 scale, and the
    variance of each mean (n,)."""

    bits: NDArray[np.int64]
    scores: Floats
    noise: Floats


class ValueModel:
    """The parameters' places for one lattice: base, room, one strength per attribute, one eta per pair."""

    def __init__(self, lattice: Lattice) -> None:
        self.lattice = lattice
        count = len(lattice.attributes)
        self.strengths = slice(2, 2 + count)
        self.etas = slice(2 + count, 2 + count + len(lattice.pairs))
        self.size: int = self.etas.stop
        self.before_pairs: int = self.etas.start
        """How many parameters come before the pair terms."""
        self._ends = np.zeros((len(lattice.pairs), count))
        rows = np.arange(len(lattice.pairs))
        self._ends[rows, lattice.pairs[:, 0]] = self._ends[rows, lattice.pairs[:, 1]] = 1.0

    def linear(self, theta: Floats, bits: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Values (n,) of sets and their derivatives (n, parameters) at ``theta``."""
        member, together = self.lattice.member[bits], self.lattice.together[bits]
        first, second = self.lattice.pairs[:, 0], self.lattice.pairs[:, 1]
        strengths = np.clip(theta[self.strengths], _LOWEST, _HIGHEST)
        kept = np.broadcast_to(np.exp(-strengths), member.shape)
        weights = 1.0 - kept
        left = np.exp(-(member * strengths).sum(axis=1))
        overlap = together * weights[:, first] * weights[:, second]
        pulls = overlap * theta[self.etas]
        slopes = np.empty((len(bits), self.size))
        slopes[:, 0] = 1.0
        slopes[:, 1] = 1.0 - left
        slopes[:, self.strengths] = theta[1] * left[:, None] * member + (pulls @ self._ends) * kept / weights
        slopes[:, self.etas] = overlap
        return theta[0] + theta[1] * (1.0 - left) + pulls.sum(axis=1), slopes

    def clipped(self, theta: Floats) -> Floats:
        """The nearest parameters that stand for valid weights and a room that is not negative."""
        inside = theta.copy()
        inside[0] = np.clip(inside[0], 1.0, 4.9)
        inside[1] = np.clip(inside[1], 0.1, 5.0 - inside[0])
        inside[self.strengths] = np.clip(inside[self.strengths], _LOWEST, _HIGHEST)
        return inside

    def update(self, prior: Belief, seen: Judgements, start: Floats | None = None) -> Belief:
        """The belief after ``seen``. ``start`` is where to linearise first (the last estimate, to save a step)."""
        theta = self.clipped(prior.mean if start is None else start)
        if not len(seen.bits):
            return Belief(theta, prior.cov)
        for _ in range(_STEPS):
            value, slopes = self.linear(theta, seen.bits)
            spread = prior.cov @ slopes.T
            surprise = seen.scores - value + slopes @ (theta - prior.mean)
            gain = np.linalg.solve(slopes @ spread + np.diag(seen.noise), np.column_stack([surprise, spread.T]))
            theta = self.clipped(prior.mean + spread @ gain[:, 0])
        return Belief(theta, prior.cov - spread @ gain[:, 1:])

    def expected(self, belief: Belief) -> Floats:
        """Expected value of every set (sets,), uncertainty of the weights included."""
        strengths = np.clip(belief.mean[self.strengths], _LOWEST, _HIGHEST)
        # E exp(-x) of a Gaussian x, kept below 1: doubt about a strength lowers what it is expected to bring.
        doubt = np.minimum(np.diag(belief.cov)[self.strengths] / 2.0, strengths / 2.0)
        weights = 1.0 - np.exp(doubt - strengths)
        lattice = self.lattice
        left = np.prod(1.0 - lattice.member * weights, axis=1)
        first, second = lattice.pairs[:, 0], lattice.pairs[:, 1]
        pulls = belief.mean[self.etas] * weights[first] * weights[second]
        values: Floats = belief.mean[0] + belief.mean[1] * (1.0 - left) + lattice.together @ pulls
        return values


def strength(weight: Floats) -> Floats:
    """The strength that stands for a weight."""
    result: Floats = -np.log(1.0 - np.clip(weight, 0.01, 0.95))
    return result
