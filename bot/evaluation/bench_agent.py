"""``raise-bot bench agent``: what is gained per question, on queries whose like was planned but which were not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bot.errors import InputError
from bot.evaluation.agents import (
    LONGEST,
    Asked,
    Met,
    Next,
    all_knowing,
    by_value,
    converse,
    in_turn,
    shuffled,
    until_complete,
)
from bot.evaluation.bench import Progress, by_query, half_width, paired, plan_worlds
from bot.evaluation.worlds import LATTICE, World, willing
from bot.llm.embedder import Embedder
from bot.policy.schema import AbstentionMode
from bot.profile.attributes import ATTRIBUTES
from bot.raise_core.paths.opening import retrieval_of
from bot.raise_core.planner.lattice import LatticeStrategy
from bot.raise_core.planner.mcts import MctsStrategy
from bot.raise_core.state import PUBLISHED_GAINS

LIMITS: Final[tuple[int | None, ...]] = (1, 2, 3, 5, None)
RIVALS: Final = ("static", "random", "paper")
_PLANNED_SIZE: Final = 3
_PLANNED_CALLS: Final = 40
_PUBLISHED_CALLS: Final = 300
_Makers = dict[str, Callable[[int, int | None], Next]]
_OWN_STOP: Final = 3
"""Static and random have no stop rule of their own: they ask three questions."""


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One strategy at one limit (None: its own stop rule). ``oracle_share``: its gain over random as a share of the
    oracle's. ``over``: paired difference of scores to each rival, with a 95 % bootstrap interval."""

    strategy: str
    limit: int | None
    questions: float
    score: float
    ci95: float
    oracle_share: float | None
    over: Mapping[str, Mapping[str, float]]
    worlds: int

    def json(self) -> dict[str, object]:
        row: dict[str, object] = {
            "strategy": self.strategy,
            "limit": self.limit,
            "questions": self.questions,
            "score": self.score,
            "ci95": self.ci95,
            "oracle_share": self.oracle_share,
            "worlds": self.worlds,
        }
        return {**row, "over": dict(self.over)} if self.over else row


def bench_agent(
    worlds: Sequence[World], seed: int, decline: float, embedder: Embedder, progress: Progress
) -> list[AgentRow]:
    """Plan one half of the worlds, test on the other; worlds of one query are never on both sides. ``decline`` is the
    share of answers withheld on top of what the worlds say."""
    planned, tested = by_query(worlds, 2, seed)
    if not planned or not tested:
        raise InputError(f"expected worlds with at least two different queries, got {len(worlds)} with one")
    makers, alone = _makers(planned, tested, seed, decline, embedder, progress)
    users = [Met(world, willing(world, seed, decline)) for world in tested]
    rows: list[AgentRow] = []
    for step, limit in enumerate(LIMITS):
        progress("conversations", step, len(LIMITS))
        went = {
            name: [converse(user, make(index, limit)) for index, user in enumerate(users)]
            for name, make in ({**makers, **alone} if limit is None else makers).items()
        }
        rows += _rows(went, limit, seed)
    progress("conversations", len(LIMITS), len(LIMITS))
    return rows


def _makers(
    planned: Sequence[World],
    tested: Sequence[World],
    seed: int,
    decline: float,
    embedder: Embedder,
    progress: Progress,
) -> tuple[_Makers, _Makers]:
    """Per strategy: (index of the test world, limit) -> what to ask next; and those that only differ in when they stop
    by themselves."""
    ours = LatticeStrategy(every_size=True)
    learned = plan_worlds(ours, planned, _PLANNED_SIZE, _PLANNED_CALLS, seed, progress, "plans")
    theirs = plan_worlds(MctsStrategy(), planned, LONGEST, _PUBLISHED_CALLS, seed, progress, "published plans")
    vectors = embedder.embed([world.query for world in planned])
    asked = embedder.embed([world.query for world in tested])
    # The very path that serves people; a neighbour of the very same text never counts in an evaluation.
    index = retrieval_of([each.evidence for each in learned], vectors, embedder, LATTICE, identical=False)
    near = [index.about(world.query, world.domain) for world in tested]
    paths = [theirs[index].plan.path for index in (asked @ vectors.T).argmax(axis=1)]
    chances = _chances(planned, seed, decline)
    # By global gain, as METHOD 6.1 compares: at one question usually stronger than emotional state first.
    order = sorted(ATTRIBUTES, key=lambda name: -PUBLISHED_GAINS[name])

    def paper(index: int, limit: int | None) -> Next:
        if limit is None:
            return until_complete(paths[index], tested[index], seed)
        return in_turn(paths[index], limit)

    makers: _Makers = {
        "raise": lambda row, limit: by_value(near[row], tested[row], chances, limit, seed),
        "static": lambda index, limit: in_turn(order, limit or _OWN_STOP),
        "random": lambda index, limit: in_turn(shuffled(tested[index], seed), limit or _OWN_STOP),
        "paper": paper,
        "oracle": lambda index, limit: all_knowing(tested[index], decline, limit or LONGEST),
    }
    planned_stop = AbstentionMode.PLANNED
    alone: _Makers = {
        "raise-planned": lambda row, limit: by_value(near[row], tested[row], chances, limit, seed, planned_stop)
    }
    return makers, alone


def _chances(planned: Sequence[World], seed: int, decline: float) -> dict[str, float]:
    """How often each attribute was answered by the users of the planned half (never of the tested one), as an operator
    would read it off past conversations; four made-up answers, three of them given, stand for having seen few."""
    told = [willing(world, seed, decline) for world in planned]
    return {name: (sum(user[name] for user in told) + 3.0) / (len(told) + 4.0) for name in ATTRIBUTES}


def _rows(went: Mapping[str, Sequence[Asked]], limit: int | None, seed: int) -> list[AgentRow]:
    scores = {name: np.array([each.score for each in some]) for name, some in went.items()}
    low, high = float(scores["random"].mean()), float(scores["oracle"].mean())
    rows: list[AgentRow] = []
    for name, some in scores.items():
        mean = float(some.mean())
        rows.append(
            AgentRow(
                strategy=name,
                limit=limit,
                questions=float(np.mean([each.questions for each in went[name]])),
                score=mean,
                ci95=half_width(some),
                oracle_share=(mean - low) / (high - low) if high > low else None,
                over={rival: paired(some - scores[rival], seed) for rival in RIVALS} if name == "raise" else {},
                worlds=len(some),
            )
        )
    return rows
