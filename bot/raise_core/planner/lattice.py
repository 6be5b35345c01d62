"""The default strategy: judge the set that teaches most about which set is best (METHOD 6.1).

A value model with few parameters ties all sets together, so that one judgement informs many; the knowledge gradient
(Frazier, Powell and Dayanik 2009, for correlated normal beliefs) picks what to judge; the winner is chosen by posterior
mean, never by its own lucky score.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.raise_core.paths.evidence import ONE_JUDGEMENT
from bot.raise_core.paths.sets import Lattice
from bot.raise_core.paths.value import Belief, Floats, Judgements, ValueModel
from bot.raise_core.planner.judging import Desk
from bot.raise_core.planner.strategy import Plan, Problem

_NODES: Final = np.array([-2.0, -1.5, -1.0, -0.6, -0.2, 0.2, 0.6, 1.0, 1.5, 2.0])
_WEIGHTS: Final = np.exp(-(_NODES**2) / 2) / np.exp(-(_NODES**2) / 2).sum()
"""A standard normal in ten points: what the next score may turn out to be."""


@dataclass(frozen=True, slots=True)
class LatticeStrategy:
    """``batch`` judgements are made at once before the model is updated. With ``every_size`` the best set for each
    number of questions up to k counts alike: slower to settle on k, but the evidence serves every limit of the agent.
    Planning stops early when no further judgement is expected to improve the choice by more than ``settled`` points (a
    look one step ahead is shy of noise: at 0.0001 a third of the calls is saved and a tenth of the regret added).
    ``breadth`` sets, the most promising, are considered at each step. ``noise`` is the variance of one judgement."""

    batch: int = 4
    every_size: bool = False
    settled: float = 0.0
    breadth: int = 120
    noise: float = ONE_JUDGEMENT

    async def plan(self, problem: Problem, desk: Desk) -> Plan:
        lattice = desk.lattice
        model, sets = ValueModel(lattice), lattice.upto(problem.k)
        tried: list[int] = []
        scores: list[float] = []
        belief, calls, done = problem.belief, 0, False
        # The empty set first: what background adds is measured from it.
        wanted = [0] if problem.budget > 0 else []
        while wanted:
            calls += len(wanted)
            for bits, score in zip(wanted, await desk.score(wanted), strict=True):
                if score is not None:
                    tried.append(bits)
                    scores.append(score)
            belief = model.update(problem.belief, self._seen(tried, scores), belief.mean)
            room = min(self.batch, problem.budget - calls)
            wanted = self._next(model, belief, sets, problem.k, room) if room > 0 else []
            done = room > 0 and not wanted
        values = model.linear(model.clipped(belief.mean), np.arange(len(lattice.size)))[0]
        best = int(sets[values[sets].argmax()])
        return Plan(in_order(lattice, values, best), float(values[best]), calls, done)

    def _seen(self, tried: list[int], scores: list[float]) -> Judgements:
        noise = np.full(len(tried), self.noise)
        return Judgements(np.array(tried, dtype=np.int64), np.array(scores, dtype=np.float64), noise)

    def _next(self, model: ValueModel, belief: Belief, sets: NDArray[np.int64], k: int, room: int) -> list[int]:
        means, slopes = model.linear(model.clipped(belief.mean), sets)
        spread = np.sqrt(np.maximum(((slopes @ belief.cov) * slopes).sum(axis=1), 0.0))
        likely = np.argsort(-(means + 1.5 * spread), kind="stable")[: self.breadth]
        if self.every_size:
            likely = np.arange(len(sets))[: 2 * self.breadth] if len(sets) <= 2 * self.breadth else likely
        means, cov = means[likely], slopes[likely] @ belief.cov @ slopes[likely].T
        size = model.lattice.size[sets[likely]]
        groups = [np.flatnonzero(size <= most) for most in (range(1, k + 1) if self.every_size else (k,))]
        chosen: list[int] = []
        for _ in range(room):
            worth = knowledge_gradient(means, cov, [group for group in groups if len(group)], self.noise)
            pick = int(worth.argmax())
            if worth[pick] < self.settled:
                break
            chosen.append(int(sets[likely[pick]]))
            # Its score is not in yet; that it will be known is, and lowers the use of judging its like again.
            cov = cov - np.outer(cov[:, pick], cov[pick]) / (cov[pick, pick] + self.noise)
        return chosen


def knowledge_gradient(means: Floats, cov: Floats, groups: list[NDArray[np.int64]], noise: float) -> Floats:
    """How much judging each set (sets,) is expected to raise the best posterior mean, summed over ``groups``."""
    moves = cov / np.sqrt(np.maximum(np.diag(cov), 1e-12) + noise)
    far = _NODES[-1] * np.abs(moves).max(axis=1)
    worth = np.zeros(len(means))
    for group in groups:
        # A set that another one beats whatever is judged and however it turns out is never the best of its group.
        beaten = means[group] + far[group] < (means[group] - far[group]).max()
        inside, moved = means[group[~beaten]][:, None], moves[group[~beaten]]
        after = np.empty_like(moved)
        for node, weight in zip(_NODES, _WEIGHTS, strict=True):
            np.multiply(moved, node, out=after)
            after += inside
            worth += weight * after.max(axis=0)
        worth -= inside.max()
    return worth


def in_order(lattice: Lattice, values: Floats, best: int) -> tuple[str, ...]:
    """The members of a set, so that each next one brings most given those before it."""
    path: list[str] = []
    bits = 0
    for _ in lattice.names(best):
        places = [place for place in range(len(lattice.attributes)) if best >> place & 1 and not bits >> place & 1]
        place = max(places, key=lambda each: values[bits | 1 << each])
        bits |= 1 << place
        path.append(lattice.attributes[place])
    return tuple(path)
