"""Algorithm 1, step by step on a tree computed by hand."""

from __future__ import annotations

import math

import pytest

from bot.raise_core.paths.pooling import solo_prior
from bot.raise_core.paths.sets import Lattice
from bot.raise_core.planner.judging import Desk, Judgement, Scored, Unscorable
from bot.raise_core.planner.mcts import MctsStrategy, Node, UctStrategy, read_off, scaled
from bot.raise_core.planner.strategy import Problem

LATTICE = Lattice(("a", "b", "c"))
PRIOR = [0.5, 0.3, 0.2]


class Table:
    """A judge that reads scores off a table and remembers what it was asked."""

    def __init__(self, scores: dict[str, float]) -> None:
        self.scores, self.asked = scores, list[str]()

    async def judge(self, attributes: frozenset[str], draw: int) -> Judgement:
        key = "".join(sorted(attributes))
        self.asked.append(key)
        return Scored(self.scores[key]) if key in self.scores else Unscorable("not in the table")


def problem(k: int, budget: int) -> Problem:
    ranking = dict(zip("abc", PRIOR, strict=True))
    return Problem(k, budget, ranking, solo_prior(LATTICE, ranking), seed=7)


def test_four_rollouts_by_hand() -> None:
    strategy, root = MctsStrategy(c=1.0), Node()

    def rollout(score: float) -> list[int]:
        trail, places = strategy.descend(root, PRIOR, 2)
        for node in trail:
            node.learn(scaled(score))
        return places

    # 1. Nothing visited: the prior alone decides, a then b.
    assert rollout(3.0) == [0, 1]
    # 2. sqrt(1) = 1. a: 0.5 + 0.5 / 2 = 0.75; b: 0 + 0.3; c: 0.2 -> a. Below a the prior is 0.6 and 0.4:
    #    b: 0.5 + 0.6 / 2 = 0.8; c: 0.4 -> b again.
    assert rollout(1.0) == [0, 1]
    # 3. a: Q = 0.25, sqrt(2) = 1.414: 0.25 + 0.5 * 1.414 / 3 = 0.486; b: 0.424; c: 0.283 -> a.
    #    Below a: b: 0.25 + 0.6 * 1.414 / 3 = 0.533; c: 0.4 * 1.414 = 0.566 -> c.
    assert rollout(1.0) == [0, 2]
    # 4. a: Q = 1/6, sqrt(3) = 1.732: 0.167 + 0.5 * 1.732 / 4 = 0.383; b: 0.520; c: 0.346 -> b, then a (0.5 / 0.7).
    assert rollout(5.0) == [1, 0]
    assert (root.children[0].visits, root.children[0].value) == (3, pytest.approx(1 / 6))
    assert (root.children[1].visits, root.children[1].value) == (1, pytest.approx(1.0))
    assert root.visits == 4
    # 5. a: 0.167 + 0.5 * 2 / 4 = 0.417; b: 1 + 0.3 * 2 / 2 = 1.3; c: 0.4 -> b. Below b, a: 1 + 0.714 / 2; c: 0.286.
    assert strategy.descend(root, PRIOR, 2)[1] == [1, 0]


def test_the_constant_weighs_the_prior() -> None:
    root = Node()
    root.children[0] = Node(visits=4, value=0.6)
    assert MctsStrategy(c=0.1).descend(root, PRIOR, 1)[1] == [0]
    assert MctsStrategy(c=5.0).descend(root, PRIOR, 1)[1] == [1]
    assert 5.0 * 0.3 * math.sqrt(4) > 0.6 + 5.0 * 0.5 * math.sqrt(4) / 5


async def test_every_rollout_is_one_judgement_of_a_full_path() -> None:
    judge = Table({"ab": 3.0, "ac": 4.5, "bc": 2.0})
    plan = await MctsStrategy().plan(problem(2, 40), Desk(judge, LATTICE))
    assert len(judge.asked) == plan.calls == 40
    assert all(len(asked) == 2 for asked in judge.asked)
    assert sorted(plan.path) == ["a", "c"]


async def test_an_unscorable_answer_teaches_nothing() -> None:
    plan = await MctsStrategy().plan(problem(2, 5), Desk(Table({}), LATTICE))
    assert plan.path == ("a", "b")


async def test_uct_keeps_to_the_depth_and_is_repeatable() -> None:
    judge = Table({"ab": 3.0, "ac": 4.5, "bc": 2.0})
    first = await UctStrategy().plan(problem(2, 60), Desk(judge, LATTICE))
    again = await UctStrategy().plan(problem(2, 60), Desk(Table(judge.scores), LATTICE))
    assert all(len(asked) == 2 for asked in judge.asked)
    assert sorted(first.path) == ["a", "c"]
    assert first == again


def test_where_the_tree_ends_the_prior_goes_on() -> None:
    root = Node(visits=1)
    root.children[2] = Node(visits=1, value=0.1)
    assert read_off(root, 3, lambda node: node.visits, PRIOR) == [2, 0, 1]
