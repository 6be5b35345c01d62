"""A planning job: many units, each planned once, side by side, resumable and within a budget.

Durable without the engine of the turns, on purpose. What must survive is what was paid for and what was planned, and
both are in SQL before they are counted: every call in ``paid_calls``, every plan in ``planned_queries``. All between
them (rankings, beliefs, strategies) is computed from those and seeds, so running a job again *is* its recovery: plans
that ended are passed over, others are replayed from the recorded calls and go on where they stopped. An engine would
record the same steps a second time, about 3 ms of CPU each for 80,000 calls, would want results to be short tokens
where these are texts, and would refuse to run beside the bot, which holds its file.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

from bot.clock import Clock
from bot.errors import BudgetExceeded, ProviderError, ProviderRejected, RaiseBotError
from bot.llm.embedder import Embedder
from bot.llm.paid import Paid
from bot.raise_core.paths.evidence import Evidence
from bot.raise_core.paths.index import EvidenceStore, PlannedQuery, merged
from bot.raise_core.paths.sets import Lattice
from bot.raise_core.planner.judging import Desk, known_names
from bot.raise_core.planner.proposals import Ranked, blend, rank
from bot.raise_core.planner.queries import PlanUnit
from bot.raise_core.planner.reward import AnswerPrompt, Reward
from bot.raise_core.planner.rubric import RubricJudge
from bot.raise_core.planner.starting import Starts
from bot.raise_core.planner.strategies import TREES, made
from bot.raise_core.planner.strategy import Problem

PATIENCE: Final = 3
"""Plans in a row for which no model answered, after which a job gives up for now."""
_AT_ONCE: Final = 256
_LOOKED_UP: Final = 500


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides how a unit is planned. Two runs of the same recipe are the same job."""

    strategy: str
    k: int
    budget: int
    profiles: int
    seed: int
    model: str
    judge: str
    policy: str
    embedder: str

    @property
    def id(self) -> str:
        """16 hexadecimal digits: the manifest that planned queries name."""
        return hashlib.blake2s(json.dumps(asdict(self)).encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Parts:
    """What a job works with. ``labels`` (attribute -> label) covers the lattice; ``tables`` (domain -> gains)."""

    store: EvidenceStore
    lattice: Lattice
    embedder: Embedder
    writer: Paid
    judge: RubricJudge
    prompt: AnswerPrompt
    labels: Mapping[str, str]
    tables: Mapping[str, Mapping[str, float]]
    clock: Clock


@dataclass(slots=True)
class Outcome:
    """What became of the units: ``planned`` now, planned ``before``, ``unscorable`` (no judgement of them gave a
    score), ``left`` for the next run. ``judged`` sets and ``unranked`` plans are of now; ``stopped`` says why the job
    ended early, ``spent`` whether that was the budget, ``failures`` why judgements gave no score."""

    planned: int = 0
    before: int = 0
    unscorable: int = 0
    left: int = 0
    judged: int = 0
    unranked: int = 0
    stopped: str = ""
    spent: bool = False
    failures: Counter[str] = field(default_factory=Counter)


class PlanningJob:
    """Plans ``units`` by ``recipe``, at most ``side_by_side`` of them at once."""

    def __init__(self, recipe: Recipe, parts: Parts, units: Sequence[PlanUnit], side_by_side: int) -> None:
        self.outcome = Outcome()
        self._recipe, self._parts, self._units, self._side_by_side = recipe, parts, units, side_by_side
        self._starts = Starts(parts.store, parts.lattice, parts.embedder.name, units, parts.tables)
        self._next = iter(enumerate(units))
        self._in_a_row = 0

    async def run(self, told: Callable[[Outcome], None]) -> Outcome:
        """Plan what is not planned. ``told`` is called after each unit. What is planned is kept, however this ends.
        Raises ProviderRejected (key, model) and StoreError."""
        done = await self._done()
        self.outcome.before = len(done)
        told(self.outcome)
        problem: RaiseBotError | None = None
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._side_by_side, len(self._units))):
                    group.create_task(self._work(done, told))
        except* RaiseBotError as problems:
            problem = _first(problems)
        finally:
            self.outcome.left = len(self._units) - self.outcome.planned - len(done) - self.outcome.unscorable
            await self._starts.close()
        if problem is not None:
            raise problem
        return self.outcome

    async def _done(self) -> set[str]:
        done: set[str] = set()
        for start in range(0, len(self._units), _LOOKED_UP):
            kept = await self._parts.store.get([unit.id for unit in self._units[start : start + _LOOKED_UP]])
            done |= {key for key, each in kept.items() if each.manifest == self._recipe.id}
        return done

    async def _work(self, done: set[str], told: Callable[[Outcome], None]) -> None:
        for place, unit in self._next:
            if self.outcome.stopped:
                return
            if unit.id not in done:
                await self._attempt(place, unit)
                told(self.outcome)
            await self._starts.ended(place)

    async def _attempt(self, place: int, unit: PlanUnit) -> None:
        problem: RaiseBotError | None = None
        try:
            await self._plan(place, unit)
        except* ProviderError as problems:
            problem = _first(problems)
        match problem:
            case None:
                self._in_a_row = 0
            case BudgetExceeded():
                self.outcome.spent = self.outcome.spent or not self.outcome.stopped
                self.outcome.stopped = self.outcome.stopped or str(problem)
            case ProviderRejected():
                raise problem
            case _:
                self._in_a_row += 1
                if self._in_a_row >= PATIENCE:
                    self.outcome.stopped = self.outcome.stopped or f"no model answers: {problem}"

    async def _plan(self, place: int, unit: PlanUnit) -> None:
        parts, recipe = self._parts, self._recipe
        pool = await self._starts.pool(place)
        if self.outcome.stopped:
            return
        (vector,) = parts.embedder.embed([unit.query])
        proposal = await rank(parts.writer, unit.query, parts.labels)
        ranking = proposal.weights if isinstance(proposal, Ranked) else {}
        self.outcome.unranked += not ranking
        belief = self._starts.belief(pool, unit, vector, ranking)
        prior = ranking
        if recipe.strategy in TREES:
            near = self._starts.gains(pool, unit, vector)
            prior = blend(parts.lattice.attributes, (ranking, parts.tables[unit.domain], near))
        reward = Reward(
            unit.query,
            unit.domain,
            unit.profile,
            writer=parts.writer,
            prompt=parts.prompt,
            judge=parts.judge,
            failures=self.outcome.failures,
        )
        desk = Desk(reward, parts.lattice, _AT_ONCE)
        strategy = made(recipe.strategy, None if pool is None else pool.spread.noise)
        plan = await strategy.plan(Problem(recipe.k, unit.budget, prior, belief, recipe.seed), desk)
        if not desk.calls:
            # A strategy that judges nothing: what its path brings is judged all the same, so that it can be compared.
            await desk.score([0, parts.lattice.bits(plan.path)])
        judged = desk.judged()
        self.outcome.judged += desk.calls
        if not judged:
            self.outcome.unscorable += 1
            return
        told = {name: unit.told[name] for name in sorted(known_names(judged))}
        evidence = Evidence(unit.query, unit.domain, judged, plan.path, told, ranking)
        new = PlannedQuery(unit.id, evidence, parts.embedder.name, vector, recipe.id, parts.clock.now())
        kept = (await parts.store.get([unit.id])).get(unit.id)
        await parts.store.put([new if kept is None or kept.embedder != new.embedder else merged(kept, new)])
        self.outcome.planned += 1


def _first(problems: BaseExceptionGroup[RaiseBotError]) -> RaiseBotError:
    """The failure that explains the group: one that ends the job before one that may pass."""
    found: list[RaiseBotError] = []
    waiting: list[RaiseBotError | BaseExceptionGroup[RaiseBotError]] = [problems]
    while waiting:
        problem = waiting.pop()
        if isinstance(problem, BaseExceptionGroup):
            waiting.extend(problem.exceptions)
        else:
            found.append(problem)
    return min(found, key=_passing)


def _passing(problem: RaiseBotError) -> int:
    """How likely it is to pass by itself; least for what nobody but the operator can mend."""
    match problem:
        case ProviderRejected():
            return 1
        case BudgetExceeded():
            return 2
        case ProviderError():
            return 3
    return 0
