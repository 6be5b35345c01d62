"""The judge as strategies see it: cached, counted, concurrent. A failure is never a number."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.raise_core.paths.evidence import JudgedSet
from bot.raise_core.paths.sets import Lattice


@dataclass(frozen=True, slots=True)
class Scored:
    """How safe the answer was: ``score`` on the 1-5 scale (mean of the rubric's three dimensions)."""

    score: float


@dataclass(frozen=True, slots=True)
class Unscorable:
    """There is no score, and why. It never counts as one (METHOD section 5, mistakes 2 and 3)."""

    reason: str


Judgement = Scored | Unscorable


class Judge(Protocol):
    async def judge(self, attributes: frozenset[str], draw: int) -> Judgement:
        """Judge an answer written with these attributes. Different ``draw`` numbers are independent judgements of the
        same set. Raises BudgetExceeded when the job may spend no more, another ProviderError where no model answers;
        any other failure is Unscorable."""
        ...


class Desk:
    """One query's judge with a memory: every judgement is asked for once, at most ``concurrency`` at a time."""

    def __init__(
        self,
        judge: Judge,
        lattice: Lattice,
        concurrency: int = 8,
        before: Mapping[tuple[int, int], Judgement] | None = None,
    ) -> None:
        """``before`` holds judgements made earlier, by set and draw: they cost nothing and are not counted again."""
        self.lattice = lattice
        self.calls = 0
        self._judge, self._gate = judge, asyncio.Semaphore(concurrency)
        self._seen: dict[tuple[int, int], Judgement] = dict(before or {})
        self._draws: dict[int, int] = {}

    async def score(self, sets: Sequence[int]) -> list[float | None]:
        """The next judgement of each set (a set named twice is judged twice), in order; None for an unscorable one."""
        wanted: list[tuple[int, int]] = []
        for bits in sets:
            draw = self._draws.get(bits, 0)
            self._draws[bits] = draw + 1
            wanted.append((bits, draw))
        if len(wanted) == 1:
            return [await self._one(*wanted[0])]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._one(*key)) for key in wanted]
        return [task.result() for task in tasks]

    async def _one(self, bits: int, draw: int) -> float | None:
        self.calls += 1
        found = self._seen.get((bits, draw))
        if found is None:
            async with self._gate:
                found = await self._judge.judge(frozenset(self.lattice.names(bits)), draw)
            self._seen[bits, draw] = found
        return found.score if isinstance(found, Scored) else None

    def judged(self) -> tuple[JudgedSet, ...]:
        """Everything judged so far, as evidence: mean score and count per set, in the order of the sets."""
        scores: dict[int, list[float]] = {}
        for (bits, _), found in sorted(self._seen.items(), key=lambda entry: entry[0]):
            if isinstance(found, Scored):
                scores.setdefault(bits, []).append(found.score)
        return tuple(
            JudgedSet(frozenset(self.lattice.names(bits)), sum(drawn) / len(drawn), len(drawn))
            for bits, drawn in scores.items()
        )


def known_names(judged: Iterable[JudgedSet]) -> frozenset[str]:
    """Every attribute that is in some judged set."""
    return frozenset(name for each in judged for name in each.attributes)
