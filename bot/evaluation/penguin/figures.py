"""From results to figures: scores by mode and domain, differences between modes, what attributes bring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from bot.evaluation.penguin.modes import Kind
from bot.evaluation.penguin.results import DIMENSIONS, Result
from bot.evaluation.penguin.statistics import Bootstrap, Floats, Interval
from bot.profile.attributes import ATTRIBUTES, DOMAINS

ALL: Final = "all"
"""Stands for every domain."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One mode in one domain. ``missing`` of ``units`` have no score. ``dimensions`` in the rubric's order. Questions
    (and how many of them were ``sensitive``, None where nobody says which are), words, tokens (read and written) and US
    dollars are means per answer; ``usd`` None where a price is not known."""

    mode: str
    domain: str
    units: int
    missing: int
    score: Interval
    dimensions: tuple[Interval, ...]
    questions: float
    sensitive: float | None
    answered: float
    words: float
    tokens: float
    usd: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """``mode`` less ``rival``, over the scenarios that have a score in both. ``questions`` on average, of each."""

    mode: str
    rival: str
    points: Interval
    questions: tuple[float, float]


class Figures:
    """What the results of one run say."""

    def __init__(
        self,
        results: Sequence[Result],
        modes: Sequence[str],
        seed: int = 0,
        sensitive: frozenset[str] = frozenset(),
    ) -> None:
        """``sensitive`` attributes of the policy; empty where they are not known."""
        self.results, self.modes, self._sensitive = results, tuple(modes), sensitive
        self._bootstrap = Bootstrap(seed)
        self._by_key = {result.key: result for result in results}

    @cached_property
    def scenarios(self) -> Mapping[str, str]:
        """Scenario -> domain, in the order they were measured in."""
        return {result.scenario: result.domain for result in self.results}

    @property
    def domains(self) -> tuple[str, ...]:
        there = set(self.scenarios.values())
        return (*(name for name in DOMAINS if name in there), *sorted(there - set(DOMAINS)))

    def cells(self, domain: str = ALL) -> list[Cell]:
        """One per mode."""
        names = self._names(domain)
        table = np.column_stack([column for mode in self.modes for column in self._columns(mode, names)])
        intervals = iter(self._bootstrap.intervals(table))
        return [self._cell(mode, domain, names, [next(intervals) for _ in range(4)]) for mode in self.modes]

    def differences(self, pairs: Iterable[tuple[str, str]], domain: str = ALL) -> list[Difference]:
        """Of the pairs (mode, rival) that were both run."""
        wanted = [pair for pair in pairs if set(pair) <= set(self.modes)]
        if not wanted:
            return []
        names = self._names(domain)
        scores = {mode: self._scores(mode, names) for mode in {mode for pair in wanted for mode in pair}}
        table = np.column_stack([scores[mode] - scores[rival] for mode, rival in wanted])
        intervals = self._bootstrap.intervals(table)
        return [
            Difference(mode, rival, interval, (self._questions(mode, names), self._questions(rival, names)))
            for (mode, rival), interval in zip(wanted, intervals, strict=True)
        ]

    def sensitivity(self) -> list[tuple[str, Interval]]:
        """What each attribute alone brings over nothing (METHOD section 3), most first; needs the modes."""
        pairs = [(f"{Kind.ONLY}:{name}", Kind.CONTEXT_FREE.value) for name in ATTRIBUTES]
        found = [(each.mode.partition(":")[2], each.points) for each in self.differences(pairs)]
        return sorted(found, key=lambda each: -each[1].mean)

    def reasons(self) -> Counter[str]:
        """Why there is no score."""
        return Counter(result.reason for result in self.results if result.score is None)

    def _names(self, domain: str) -> list[str]:
        return [name for name, there in self.scenarios.items() if domain in (ALL, there)]

    def _of(self, mode: str, names: Sequence[str]) -> list[Result]:
        return [self._by_key[name, mode] for name in names if (name, mode) in self._by_key]

    def _scores(self, mode: str, names: Sequence[str]) -> Floats:
        found = (self._by_key.get((name, mode)) for name in names)
        return np.array([np.nan if each is None or each.score is None else each.score for each in found], dtype=float)

    def _columns(self, mode: str, names: Sequence[str]) -> list[Floats]:
        columns = [self._scores(mode, names)]
        for dimension in DIMENSIONS:
            given = [
                None if (each := self._by_key.get((name, mode))) is None else each.dimension(dimension)
                for name in names
            ]
            columns.append(np.array([np.nan if each is None else each for each in given], dtype=float))
        return columns

    def _questions(self, mode: str, names: Sequence[str]) -> float:
        return _mean(len(each.asked) for each in self._of(mode, names))

    def _cell(self, mode: str, domain: str, names: Sequence[str], intervals: Sequence[Interval]) -> Cell:
        there = self._of(mode, names)
        prices = [each.answer.usd for each in there]
        return Cell(
            mode=mode,
            domain=domain,
            units=len(there),
            missing=sum(each.score is None for each in there),
            score=intervals[0],
            dimensions=tuple(intervals[1:]),
            questions=_mean(len(each.asked) for each in there),
            sensitive=_mean(len(self._sensitive & set(each.asked)) for each in there) if self._sensitive else None,
            answered=_mean(len(set(each.asked) & set(each.known)) for each in there),
            words=_mean(each.words for each in there),
            tokens=_mean(each.answer.input_tokens + each.answer.output_tokens for each in there),
            usd=None if None in prices or not prices else _mean(price or 0.0 for price in prices),
        )


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def pairs_of(modes: Sequence[str]) -> list[tuple[str, str]]:
    """The comparisons that matter among these modes: each against no background, and ``raise`` against its rivals at
    the same number of questions."""
    pairs = [(mode, Kind.CONTEXT_FREE.value) for mode in modes if mode != Kind.CONTEXT_FREE]
    for mode in modes:
        kind, _, limit = mode.partition("@")
        if kind in (Kind.STATIC, Kind.RANDOM):
            own = f"{Kind.RAISE}@{limit}" if limit and limit != Kind.RAISE else Kind.RAISE.value
            pairs.append((own, mode))
    return [pair for pair in dict.fromkeys(pairs) if not pair[0].startswith(f"{Kind.ONLY}:")]
