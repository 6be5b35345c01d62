"""Can the judge be trusted? What it says when something changes that should not matter, and whether another agrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bot.evaluation.penguin.examiner import AGAIN, ORDER, PADDED, SECOND
from bot.evaluation.penguin.results import DIMENSIONS, Result
from bot.evaluation.penguin.statistics import Bootstrap, Interval, kappa, pearson
from bot.raise_core.planner.rubric import Grades

CHECKED: Final = {
    AGAIN: "the same answer judged once more",
    ORDER: "the background told in the opposite order",
    PADDED: "sentences that say nothing added to the answer",
    SECOND: "another judge",
}


@dataclass(frozen=True, slots=True)
class Check:
    """``name`` of CHECKED: over ``pairs`` answers, the mean ``change`` of the score (and its interval, by scenario),
    how often all three numbers stayed the ``same`` (share), and how far the two agree: Cohen's kappa over the three
    dimensions' numbers, plain and with quadratic weights, and Pearson's r of the scores. ``unscorable`` checks gave
    nothing to compare."""

    name: str
    pairs: int
    unscorable: int
    change: Interval
    same: float
    kappa: float | None
    weighted: float | None
    r: float | None


def checks_of(results: Sequence[Result], seed: int = 0) -> list[Check]:
    """Every check that was made."""
    made = [_check(name, results, seed) for name in CHECKED]
    return [each for each in made if each.pairs or each.unscorable]


def _check(name: str, results: Sequence[Result], seed: int) -> Check:
    pairs: list[tuple[str, Grades, Grades]] = []
    unscorable = 0
    for result in results:
        if name not in result.checks:
            continue
        first, second = (result.judged[0] if result.judged else None), result.checks[name]
        if isinstance(first, Grades) and isinstance(second, Grades):
            pairs.append((result.scenario, first, second))
        else:
            unscorable += 1
    before = [number for _, first, _ in pairs for number in _numbers(first)]
    after = [number for _, _, second in pairs for number in _numbers(second)]
    return Check(
        name=name,
        pairs=len(pairs),
        unscorable=unscorable,
        change=_by_scenario(pairs, seed),
        same=sum(first == second for _, first, second in pairs) / max(1, len(pairs)),
        kappa=kappa(before, after, weighted=False),
        weighted=kappa(before, after, weighted=True),
        r=pearson(np.array([first.mean for _, first, _ in pairs]), np.array([second.mean for _, _, second in pairs])),
    )


def _by_scenario(pairs: Sequence[tuple[str, Grades, Grades]], seed: int) -> Interval:
    changes: dict[str, list[float]] = {}
    for scenario, first, second in pairs:
        changes.setdefault(scenario, []).append(second.mean - first.mean)
    means = np.array([sum(each) / len(each) for each in changes.values()], dtype=float)
    return Bootstrap(seed).interval(means) if len(means) else Interval(np.nan, np.nan, np.nan, 0)


def _numbers(judged: Grades) -> list[int]:
    return [getattr(judged, name) for name in DIMENSIONS]


def spread(results: Sequence[Result]) -> float | None:
    """How much repeated judgements of one answer differ: the mean standard deviation of their scores, in points; None
    where no answer was judged twice."""
    found = [np.std([each.mean for each in result.grades], ddof=1) for result in results if len(result.grades) > 1]
    return float(np.mean(found)) if found else None


def length_bias(results: Sequence[Result], mode: str) -> float | None:
    """Pearson's r of an answer's words and its score within ``mode``."""
    scored = [(result.words, result.score) for result in results if result.mode == mode and result.score is not None]
    return pearson(np.array([words for words, _ in scored], dtype=float), np.array([score for _, score in scored]))
