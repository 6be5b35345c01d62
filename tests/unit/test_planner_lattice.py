"""The lattice strategy: finds the best set, few calls, repeatable, no number for a failure."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from bot.errors import InputError
from bot.evaluation.bench import SimulatedJudge, plan_world
from bot.evaluation.generator import Calibration, generate
from bot.evaluation.worlds import LATTICE, prior_of
from bot.raise_core.paths.pooling import Pool, solo_prior
from bot.raise_core.paths.sets import Lattice
from bot.raise_core.planner.baselines import ExhaustiveStrategy, RandomStrategy, StaticStrategy
from bot.raise_core.planner.judging import Desk, Judgement, Scored, Unscorable
from bot.raise_core.planner.lattice import LatticeStrategy, in_order, knowledge_gradient
from bot.raise_core.planner.strategy import Plan, Problem, Strategy

WORLDS = generate(12, 5, Calibration(judge_sd=0.1))


async def run(strategy: Strategy, index: int = 0, budget: int = 30, k: int = 3) -> Plan:
    world = WORLDS[index]
    return (await plan_world(strategy, world, k, budget, 0, solo_prior(LATTICE, prior_of(world)))).plan


async def test_it_finds_nearly_the_best_set_within_the_budget() -> None:
    short = []
    for index, world in enumerate(WORLDS):
        plan = await run(LatticeStrategy(), index)
        assert plan.calls == 30
        assert len(plan.path) <= 3
        short.append(world.best(3) - world.values[LATTICE.bits(plan.path)])
    assert np.mean(short) < 0.12


@pytest.mark.parametrize("strategy", [LatticeStrategy(), LatticeStrategy(every_size=True), RandomStrategy()])
async def test_the_same_seed_gives_the_same_plan(strategy: Strategy) -> None:
    assert await run(strategy) == await run(strategy)


async def test_it_stops_when_the_best_set_is_settled() -> None:
    plan = await run(LatticeStrategy(settled=0.05), budget=200)
    assert plan.settled
    assert plan.calls < 200


async def test_failures_are_no_scores() -> None:
    class Broken:
        async def judge(self, attributes: frozenset[str], draw: int) -> Judgement:
            return Unscorable("prose")

    desk = Desk(Broken(), LATTICE)
    ranking = prior_of(WORLDS[0])
    plan = await LatticeStrategy().plan(Problem(3, 8, ranking, solo_prior(LATTICE, ranking)), desk)
    assert (plan.calls, desk.judged()) == (8, ())


async def test_what_was_judged_before_is_not_paid_again() -> None:
    asked: list[frozenset[str]] = []

    class Counting:
        async def judge(self, attributes: frozenset[str], draw: int) -> Judgement:
            asked.append(attributes)
            return Scored(3.0)

    desk = Desk(Counting(), LATTICE, before={(1, 0): Scored(4.0)})
    assert await desk.score([1, 1, 2]) == [4.0, 3.0, 3.0]
    assert asked == [frozenset({"age"}), frozenset({"gender"})]
    assert [(sorted(each.attributes), each.score, each.count) for each in desk.judged()] == [
        (["age"], 3.5, 2),
        (["gender"], 3.0, 1),
    ]


async def test_at_most_so_many_judgements_run_at_once() -> None:
    running, most = 0, 0
    gate = asyncio.Event()

    class Slow:
        async def judge(self, attributes: frozenset[str], draw: int) -> Judgement:
            nonlocal running, most
            running += 1
            most = max(most, running)
            if running == 3:
                gate.set()
            await gate.wait()
            running -= 1
            return Scored(3.0)

    await Desk(Slow(), LATTICE, concurrency=3).score(list(range(9)))
    assert most == 3


async def test_the_baselines() -> None:
    assert (await run(StaticStrategy())).path == (
        "emotional_state",
        "mental_health_status",
        "past_self_harm_history",
    )
    judge = SimulatedJudge(WORLDS[0], 0)
    plan = await ExhaustiveStrategy().plan(Problem(1, 99, {}, solo_prior(LATTICE, {})), desk := Desk(judge, LATTICE))
    assert (plan.calls, len(desk.judged())) == (10, 10)
    assert plan.value == max(each.score for each in desk.judged())


def test_knowledge_gradient_prefers_what_may_change_the_choice() -> None:
    means, cov = np.array([3.0, 2.9, 0.0]), np.diag([1e-6, 0.2, 0.2])
    worth = knowledge_gradient(means, cov, [np.arange(3)], 0.1)
    assert worth.argmax() == 1
    assert worth[0] == pytest.approx(0.0, abs=1e-3)


def test_a_path_puts_first_what_brings_most() -> None:
    small = Lattice(("a", "b"))
    assert in_order(small, np.array([3.0, 3.1, 3.9, 4.0]), 3) == ("b", "a")


def test_a_lattice_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(InputError, match="1 to 16 different attributes, got 2"):
        Lattice(("a", "a"))
    with pytest.raises(InputError, match="got 'z'"):
        LATTICE.bits(["z"])


def test_a_pool_of_nothing_is_the_table() -> None:
    pool = Pool(LATTICE, [], np.zeros((0, 4), dtype=np.float32))
    expected = solo_prior(LATTICE, {})
    assert pool.belief(np.zeros(4, dtype=np.float32), "health").mean == pytest.approx(expected.mean)
