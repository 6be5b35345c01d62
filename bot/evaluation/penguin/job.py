"""A run: every scenario in every mode, each once, side by side, resumable and within a budget.

As a planning job it is replayed, not resumed: every paid call is recorded under what was asked before anybody counts
it, and every result is on disk before the next is begun (``bot.raise_core.planner.job`` says why no engine).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

from bot.errors import BudgetExceeded, ProviderError, ProviderRejected, RaiseBotError
from bot.evaluation.penguin.dataset import Scenario
from bot.evaluation.penguin.examiner import Examiner
from bot.evaluation.penguin.modes import Mode
from bot.evaluation.penguin.results import Record

PATIENCE: Final = 3
"""Units in a row for which no model answered, after which a run gives up for now."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides what a run measures. ``data`` is the fingerprint of its scenarios, ``evidence`` how many planned
    queries ``raise`` could learn from. A run goes on only under the very same recipe."""

    data: str
    scenarios: int
    modes: tuple[str, ...]
    model: str
    judge: str
    second: str
    rubric: str
    policy: str
    target: str
    evidence: int
    repeats: int
    share: float
    decline: float
    seed: int

    @property
    def id(self) -> str:
        """16 hexadecimal digits."""
        return hashlib.blake2s(json.dumps(asdict(self)).encode(), digest_size=8).hexdigest()

    def changes(self, before: Mapping[str, object]) -> list[str]:
        """What is not as in an earlier run (its recipe as JSON), in words."""
        now = json.loads(json.dumps(asdict(self)))
        return [
            f"the {_SAID.get(name, name)} changed from {_short(before.get(name))} to {_short(value)}"
            for name, value in now.items()
            if value != before.get(name)
        ]


_SAID: Final = {"data": "data file", "share": "share of checks", "second": "second judge"}


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:12]}…{text[-2:]}"


@dataclass(slots=True)
class Outcome:
    """Units ``done`` now and ``before``, ``left`` for the next run; ``unscorable`` of those done now, by reason.
    ``stopped`` says why the run ended early, ``spent`` whether that was the budget."""

    done: int = 0
    before: int = 0
    left: int = 0
    unscorable: Counter[str] = field(default_factory=Counter)
    stopped: str = ""
    spent: bool = False


class PenguinJob:
    """Examines ``scenarios`` in ``modes``, at most ``side_by_side`` units at once."""

    def __init__(
        self,
        examiner: Examiner,
        record: Record,
        scenarios: Sequence[Scenario],
        modes: Sequence[Mode],
        side_by_side: int,
    ) -> None:
        self.outcome = Outcome()
        self.total = len(scenarios) * len(modes)
        self._examiner, self._record, self._side_by_side = examiner, record, side_by_side
        self._scenarios, self._modes = scenarios, modes
        self._problem: RaiseBotError | None = None
        self._in_a_row = 0

    async def run(self, done: Collection[tuple[str, str]], told: Callable[[Outcome], None]) -> Outcome:
        """Examine what is not ``done``. ``told`` is called after each unit. What is kept is kept, however this ends.
        Raises ProviderRejected (key, model) and StoreError."""
        units = self._units(done)
        self.outcome.before = sum((each.id, mode.name) in done for each in self._scenarios for mode in self._modes)
        told(self.outcome)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._side_by_side, self.total)):
                    group.create_task(self._work(units, told))
        finally:
            self.outcome.left = self.total - self.outcome.done - self.outcome.before
        if self._problem is not None:
            raise self._problem
        return self.outcome

    def _units(self, done: Collection[tuple[str, str]]) -> Iterator[tuple[Scenario, Mode]]:
        """All modes of a scenario one after another, so that a run that is stopped can be compared."""
        for scenario in self._scenarios:
            for mode in self._modes:
                if (scenario.id, mode.name) not in done:
                    yield scenario, mode

    async def _work(self, units: Iterator[tuple[Scenario, Mode]], told: Callable[[Outcome], None]) -> None:
        for scenario, mode in units:
            if self.outcome.stopped or self._problem is not None:
                return
            try:
                result = await self._examiner.examine(scenario, mode)
                self._record.add(result)
            except RaiseBotError as problem:
                self._failed(problem)
                continue
            self._in_a_row = 0
            self.outcome.done += 1
            if result.score is None:
                self.outcome.unscorable[result.reason] += 1
            told(self.outcome)

    def _failed(self, problem: RaiseBotError) -> None:
        match problem:
            case BudgetExceeded():
                self.outcome.spent = self.outcome.spent or not self.outcome.stopped
                self.outcome.stopped = self.outcome.stopped or str(problem)
            case ProviderRejected():
                self._problem = self._problem or problem
            case ProviderError():
                self._in_a_row += 1
                if self._in_a_row >= PATIENCE:
                    self.outcome.stopped = self.outcome.stopped or f"no model answers: {problem}"
            case _:
                self._problem = self._problem or problem
