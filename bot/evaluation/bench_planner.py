"""``raise-bot bench planner``: how far each strategy's plan falls short of the best set, at how many judge calls."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from bot.errors import InputError
from bot.evaluation.bench import Planned, Progress, by_query, half_width, plan_world, plan_worlds
from bot.evaluation.worlds import LATTICE, World, prior_of
from bot.llm.embedder import Embedder
from bot.raise_core.paths.pooling import Pool
from bot.raise_core.planner.baselines import ExhaustiveStrategy, RandomStrategy, StaticStrategy
from bot.raise_core.planner.lattice import LatticeStrategy
from bot.raise_core.planner.mcts import MctsStrategy, UctStrategy
from bot.raise_core.planner.strategy import Strategy

MCTS_CALLS: Final = 300
UCT_CALLS: Final = 200
NEIGHBOURS: Final = 100
NEIGHBOUR_CALLS: Final = 40


@dataclass(frozen=True, slots=True)
class PlannerRow:
    """``regret``: mean over worlds of the best value of a set of at most k, less the value of the chosen one (points);
    ``ci95`` half the width of its interval; ``judge_calls`` the mean number used."""

    strategy: str
    k: int
    budget: int
    judge_calls: float
    regret: float
    ci95: float
    worlds: int

    def json(self) -> dict[str, object]:
        return asdict(self)


def bench_planner(
    worlds: Sequence[World],
    k: int,
    budgets: Sequence[int],
    seed: int,
    progress: Progress,
    embedder: Embedder | None = None,
) -> list[PlannerRow]:
    """Rows for lattice at each budget, Algorithm 1 at 300 calls, UCT at 200 and the baselines. With an ``embedder``
    also ``lattice+pool``: the same budgets, started from what 100 planned neighbours teach."""
    if embedder is not None and not all(by_query(worlds, 2, seed)):
        raise InputError(f"expected worlds with at least two different queries, got {len(worlds)} with one")
    whole = int((LATTICE.size == k).sum())
    contest: list[tuple[str, Strategy, int]] = [("lattice", LatticeStrategy(), budget) for budget in budgets]
    contest += [
        ("mcts", MctsStrategy(), MCTS_CALLS),
        ("uct", UctStrategy(), UCT_CALLS),
        ("exhaustive", ExhaustiveStrategy(), whole),
        ("static", StaticStrategy(), 0),
        ("random", RandomStrategy(), 0),
    ]
    rows: list[PlannerRow] = []
    for name, strategy, budget in contest:
        planned = plan_worlds(strategy, worlds, k, budget, seed, progress, f"{name} {budget}")
        rows.append(_row(name, k, budget, worlds, planned))
    if embedder is not None:
        rows += _pooled(worlds, k, budgets, seed, progress, embedder)
    return rows


def _pooled(
    worlds: Sequence[World], k: int, budgets: Sequence[int], seed: int, progress: Progress, embedder: Embedder
) -> list[PlannerRow]:
    """Every world is planned once with the evidence of 100 others (never of its own query). Those were planned as
    ``raise-bot plan`` does it: for every number of questions."""
    parts = by_query(worlds, 3, seed)
    before = {
        world.id: planned
        for world, planned in zip(
            worlds,
            plan_worlds(LatticeStrategy(every_size=True), worlds, k, NEIGHBOUR_CALLS, seed + 1, progress, "neighbours"),
            strict=True,
        )
    }
    planned: dict[int, list[Planned]] = {budget: [] for budget in budgets}
    tested: list[World] = []
    for index, part in enumerate(parts):
        others = [world for place, other in enumerate(parts) if place != index for world in other][:NEIGHBOURS]
        vectors = embedder.embed([world.query for world in others])
        pool = Pool(LATTICE, [before[world.id].evidence for world in others], vectors)
        tested += part
        for budget in budgets:
            progress(f"lattice+pool {budget}", index, len(parts))
            planned[budget] += asyncio.run(_with_pool(pool, part, k, budget, seed, embedder))
    return [_row("lattice+pool", k, budget, tested, planned[budget]) for budget in budgets]


async def _with_pool(
    pool: Pool, worlds: Sequence[World], k: int, budget: int, seed: int, embedder: Embedder
) -> list[Planned]:
    vectors = embedder.embed([world.query for world in worlds])
    strategy = LatticeStrategy(noise=pool.spread.noise)
    return [
        await plan_world(strategy, world, k, budget, seed, pool.belief(vector, world.domain, prior_of(world)))
        for world, vector in zip(worlds, vectors, strict=True)
    ]


def _row(name: str, k: int, budget: int, worlds: Sequence[World], planned: Sequence[Planned]) -> PlannerRow:
    regret = np.array(
        [
            world.best(k) - world.values[LATTICE.bits(each.plan.path)]
            for world, each in zip(worlds, planned, strict=True)
        ]
    )
    calls = float(np.mean([each.plan.calls for each in planned]))
    return PlannerRow(name, k, budget, calls, float(regret.mean()), half_width(regret), len(worlds))
