"""Small runs of both benches: the order of strategies holds, and the JSON has the agreed form."""

from __future__ import annotations

import pytest

from adapters.embeddings.hashing import HashingEmbedder
from bot.errors import InputError
from bot.evaluation.bench import by_query, paired
from bot.evaluation.bench_agent import bench_agent
from bot.evaluation.bench_planner import bench_planner
from bot.evaluation.generator import generate


def quiet(what: str, done: int, of: int) -> None:
    assert 0 <= done <= of


@pytest.mark.parametrize(("k", "most"), [(3, 0.75), (5, 0.5)])
def test_lattice_beats_the_published_search_with_far_fewer_calls(k: int, most: float) -> None:
    rows = {(row.strategy, row.budget): row for row in bench_planner(generate(60, 8), k, (40,), 0, quiet)}
    assert rows["lattice", 40].regret <= most * rows["mcts", 300].regret
    assert rows["mcts", 300].regret < rows["static", 0].regret
    assert rows["lattice", 40].judge_calls == 40
    assert set(rows["uct", 200].json()) == {"strategy", "k", "budget", "judge_calls", "regret", "ci95", "worlds"}


def test_the_agent_beats_fixed_orders_and_is_repeatable() -> None:
    worlds = generate(80, 2)
    rows = bench_agent(worlds, 0, 0.0, HashingEmbedder(), quiet)
    assert rows == bench_agent(worlds, 0, 0.0, HashingEmbedder(), quiet)
    ours = {row.limit: row for row in rows if row.strategy == "raise"}
    assert list(ours) == [1, 2, 3, 5, None]
    assert all(ours[limit].over["random"]["low"] > 0 for limit in (1, 2, 3))
    assert all(row.questions <= (row.limit or 5) for row in rows)
    (planned,) = (row for row in rows if row.strategy == "raise-planned")
    # Its only stop is the price; the model's word on completeness can but end the same questions sooner.
    assert planned.limit is None
    assert planned.questions >= ours[None].questions
    oracle = {row.limit: row.score for row in rows if row.strategy == "oracle"}
    assert all(row.score <= oracle[row.limit] + 0.02 for row in rows if row.limit)


def test_plans_and_tests_never_share_a_query() -> None:
    worlds = [*generate(20, 1)]
    doubled = [*worlds, *(world.model_copy(update={"id": f"{world.id}b"}) for world in worlds)]
    left, right = by_query(doubled, 2, 0)
    assert not {world.query for world in left} & {world.query for world in right}
    assert len(left) + len(right) == 40
    with pytest.raises(InputError, match="at least two different queries"):
        bench_agent(doubled[:1], 0, 0.0, HashingEmbedder(), quiet)


def test_an_interval_holds_its_mean() -> None:
    import numpy as np

    told = paired(np.array([0.1, 0.2, 0.3, 0.4]), 0)
    assert told["low"] < told["mean"] < told["high"]
