"""Strategies without a model: every set once, a fixed order, and chance. They are shown beside the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

import numpy as np

from bot.raise_core.planner.judging import Desk
from bot.raise_core.planner.strategy import Plan, Problem
from bot.raise_core.state import PUBLISHED_GAINS

STATIC_FIRST: Final = ("emotional_state", "mental_health_status", "past_self_harm_history")
"""The static top three of METHOD 6.1; what follows is ordered by gain."""


@dataclass(frozen=True, slots=True)
class ExhaustiveStrategy:
    """Judge every set of exactly k attributes once, as far as the budget goes, and take the highest score."""

    batch: int = 32

    async def plan(self, problem: Problem, desk: Desk) -> Plan:
        lattice = desk.lattice
        sets = [int(bits) for bits in np.flatnonzero(lattice.size == problem.k)][: problem.budget]
        best, top = 0, -np.inf
        for start in range(0, len(sets), self.batch):
            part = sets[start : start + self.batch]
            for bits, score in zip(part, await desk.score(part), strict=True):
                if score is not None and score > top:
                    best, top = bits, score
        return Plan(lattice.names(best), float(top) if best else None, len(sets), len(sets) < problem.budget)


@dataclass(frozen=True, slots=True)
class StaticStrategy:
    """The same order for every query, without a single judgement."""

    gains: Mapping[str, float] = field(default_factory=lambda: PUBLISHED_GAINS)

    async def plan(self, problem: Problem, desk: Desk) -> Plan:
        return Plan(static_order(desk.lattice.attributes, self.gains)[: problem.k], None, 0)


@dataclass(frozen=True, slots=True)
class RandomStrategy:
    """k attributes by chance."""

    async def plan(self, problem: Problem, desk: Desk) -> Plan:
        names = list(desk.lattice.attributes)
        return Plan(tuple(Random(problem.seed).sample(names, min(problem.k, len(names)))), None, 0)


def static_order(attributes: tuple[str, ...], gains: Mapping[str, float]) -> tuple[str, ...]:
    """The static top three, then by gain; attributes without a gain come last, in their own order."""
    first = [name for name in STATIC_FIRST if name in attributes]
    rest = sorted((name for name in attributes if name not in first), key=lambda name: -gains.get(name, 0.0))
    return (*first, *rest)
