"""What plans begin with: from the same evidence whatever happened to be ready, and from nobody who comes after."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from adapters.stores.memory_evidence import MemoryEvidence
from bot.profile.attributes import ATTRIBUTES
from bot.raise_core.paths.evidence import JudgedSet
from bot.raise_core.paths.index import PlannedQuery
from bot.raise_core.paths.opening import within
from bot.raise_core.paths.pooling import solo_prior
from bot.raise_core.paths.sets import Lattice
from bot.raise_core.planner.queries import PlanUnit
from bot.raise_core.planner.starting import FIRST, Starts
from bot.raise_core.state import PUBLISHED_GAINS
from tests.support.planning import EMBEDDER, evidence

LATTICE = Lattice(ATTRIBUTES)
VECTOR = EMBEDDER.embed(["What about rent?"])[0]
TABLES = {"life": dict(PUBLISHED_GAINS)}


def units(count: int) -> list[PlanUnit]:
    return [PlanUnit(f"unit-{number}", f"Case {number}", "life", {}, {}, 8) for number in range(count)]


def plan(name: str, age: float) -> PlannedQuery:
    """A plan in which nothing but age brings anything."""
    learned = evidence(name, "life", {"age": age, "gender": 0.05})
    return PlannedQuery(name, learned, EMBEDDER.name, EMBEDDER.embed([name])[0], "m", 1.0)


def begun(store: MemoryEvidence, count: int) -> tuple[Starts, list[PlanUnit]]:
    made = units(count)
    return Starts(store, LATTICE, EMBEDDER.name, made, TABLES), made


async def test_with_nothing_planned_the_table_and_the_ranking_decide() -> None:
    starts, made = begun(MemoryEvidence(), 3)
    pool = await starts.pool(2)
    assert pool is None
    ranking = {"gender": 90.0, "age": 5.0}
    belief, usual = starts.belief(pool, made[2], VECTOR, ranking), solo_prior(LATTICE, ranking, TABLES["life"])
    assert np.array_equal(belief.mean, usual.mean)
    assert starts.gains(pool, made[2], VECTOR) == {}
    await starts.close()


async def test_a_plan_waits_for_those_it_learns_from_and_for_no_other() -> None:
    store = MemoryEvidence()
    starts, made = begun(store, 2 * FIRST + 1)
    waiting = asyncio.create_task(starts.pool(2 * FIRST))
    for place in range(FIRST - 1):
        await store.put([plan(made[place].id, 0.9)])
        await starts.ended(place)
    await starts.ended(FIRST + 3)
    assert await starts.pool(2 * FIRST - 1) is None
    assert not waiting.done()
    await store.put([plan(made[FIRST - 1].id, 0.9), plan(made[FIRST + 3].id, 0.9)])
    await starts.ended(FIRST - 1)
    pool = await waiting
    assert pool is not None
    gains = starts.gains(pool, made[-1], VECTOR)
    assert gains["age"] > gains["gender"]
    await starts.close()


async def test_what_was_ready_besides_changes_nothing() -> None:
    means = []
    for besides in (0, FIRST):
        store = MemoryEvidence()
        starts, made = begun(store, 2 * FIRST + 1)
        for place in range(FIRST + besides):
            await store.put([plan(made[place].id, 0.9 if place < FIRST else 0.1)])
            await starts.ended(place)
        belief = starts.belief(await starts.pool(2 * FIRST), made[-1], VECTOR, {})
        means.append(belief.mean)
        await starts.close()
    assert np.array_equal(means[0], means[1])


async def test_plans_of_earlier_jobs_are_learned_from_at_once() -> None:
    store = MemoryEvidence()
    await store.put([plan(f"earlier-{number}", 0.9) for number in range(FIRST)])
    other = replace(plan("foreign", 0.9), embedder="other-1")
    await store.put([other])
    starts, made = begun(store, 1)
    pool = await starts.pool(0)
    assert pool is not None
    assert starts.gains(pool, made[0], VECTOR)["age"] > starts.gains(pool, made[0], VECTOR)["gender"]
    await starts.close()


def test_evidence_about_other_attributes_is_passed_over() -> None:
    learned = evidence("x", "life", {"age": 0.5})
    assert within(learned, LATTICE) is learned
    strange = replace(learned, judged=(*learned.judged, JudgedSet(frozenset({"shoe_size"}), 3.0, 1)))
    assert within(strange, LATTICE) == learned


async def test_who_is_let_go_of_waits_no_more() -> None:
    starts, _ = begun(MemoryEvidence(), 2 * FIRST + 1)
    waiting = asyncio.create_task(starts.pool(2 * FIRST))
    await asyncio.sleep(0)
    await starts.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
