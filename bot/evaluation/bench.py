"""What the benches share: simulated judges, planning many worlds at once, intervals, and progress."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bot.evaluation.worlds import LATTICE, World, prior_of
from bot.raise_core.paths.evidence import Evidence
from bot.raise_core.paths.pooling import solo_prior
from bot.raise_core.paths.value import Belief, Floats
from bot.raise_core.planner.judging import Desk, Judgement, Scored, known_names
from bot.raise_core.planner.strategy import Plan, Problem, Strategy

Progress = Callable[[str, int, int], None]
"""Called with what is going on, how much is done and how much there is."""
_RESAMPLES: Final = 2000


@dataclass(frozen=True, slots=True)
class SimulatedJudge:
    """The judge of one world; the same set and draw get the same score whoever asks."""

    world: World
    seed: int

    async def judge(self, attributes: frozenset[str], draw: int) -> Judgement:
        return Scored(self.world.judge(LATTICE.bits(attributes), self.seed, draw))


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and the evidence it left."""

    plan: Plan
    evidence: Evidence


async def plan_world(strategy: Strategy, world: World, k: int, budget: int, seed: int, belief: Belief) -> Planned:
    """Plan one world. The strategy sees query, domain and ranking, and the judge; values of the profile reach the
    evidence only for attributes that were given to the judge."""
    desk = Desk(SimulatedJudge(world, seed), LATTICE)
    plan = await strategy.plan(Problem(k, budget, prior_of(world), belief, seed), desk)
    judged = desk.judged()
    told = {name: world.profile[name] for name in sorted(known_names(judged)) if name in world.profile}
    return Planned(plan, Evidence(world.query, world.domain, judged, plan.path, told, prior_of(world)))


def plan_worlds(
    strategy: Strategy, worlds: Sequence[World], k: int, budget: int, seed: int, progress: Progress, title: str
) -> list[Planned]:
    """Plan worlds on their own, without neighbours."""

    async def all_of_them() -> list[Planned]:
        planned: list[Planned] = []
        for index, world in enumerate(worlds):
            progress(title, index, len(worlds))
            belief = solo_prior(LATTICE, prior_of(world))
            planned.append(await plan_world(strategy, world, k, budget, seed, belief))
        progress(title, len(worlds), len(worlds))
        return planned

    return asyncio.run(all_of_them())


def half_width(sample: Floats) -> float:
    """Half the width of a 95 % interval of the mean (normal approximation); 0 for fewer than two."""
    return float(1.96 * sample.std(ddof=1) / np.sqrt(len(sample))) if len(sample) > 1 else 0.0


def paired(differences: Floats, seed: int) -> Mapping[str, float]:
    """Mean difference with a 95 % bootstrap interval over the test worlds."""
    rng = np.random.default_rng((seed, 1 << 21))
    means = differences[rng.integers(0, len(differences), (_RESAMPLES, len(differences)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return {"mean": float(differences.mean()), "low": float(low), "high": float(high)}


def by_query(worlds: Sequence[World], parts: int, seed: int) -> list[list[World]]:
    """Split worlds into ``parts`` of about equal size; all worlds of one query go to the same part."""
    groups: dict[str, list[World]] = {}
    for world in worlds:
        groups.setdefault(" ".join(world.query.split()).casefold(), []).append(world)
    keys = sorted(groups)
    np.random.default_rng((seed, 1 << 22)).shuffle(keys)
    split: list[list[World]] = [[] for _ in range(parts)]
    for key in keys:
        min(split, key=len).extend(groups[key])
    return split
