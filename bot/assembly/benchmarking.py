"""A PENGUIN run put together: models, paid calls, the agent's own prompt and tables, planned evidence."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.assembly.deployed import check_modes, deployed
from bot.assembly.planned import planning_stores
from bot.assembly.planning import Ground, models_of, sole
from bot.clock import SystemClock
from bot.errors import InputError
from bot.evaluation.penguin.dataset import DataSet, Scenario, read_dataset
from bot.evaluation.penguin.estimate import Estimate, estimated
from bot.evaluation.penguin.examiner import Core, Examiner, Respondent
from bot.evaluation.penguin.job import PenguinJob, Recipe
from bot.evaluation.penguin.modes import Acquaintance, Mode
from bot.evaluation.penguin.results import Record
from bot.evaluation.penguin.writer import QueryWriter, Written
from bot.llm import Provider
from bot.llm.batch_desk import Rhythm
from bot.llm.batch_journal import BatchJournal
from bot.llm.batching import Batched
from bot.llm.budget import Budget, Limits
from bot.llm.pacing import Pace, Persistence
from bot.llm.paid import Bill, Paid, PaidCalls
from bot.llm.prices import PRICES, in_batches
from bot.profile.attributes import Sensitivity
from bot.raise_core.paths.gains import EvidenceSource
from bot.raise_core.paths.opening import Index
from bot.raise_core.planner.rubric import RubricJudge, judge_prompt
from bot.raise_core.state import Table
from bot.settings import Settings

_AHEAD = 2
"""Units under way per call allowed: while one result goes to disk, another unit has the place at the server."""
_IN_BATCHES = 10_000
"""Units under way when their calls go into batches: what is asked by so many fits into one, and into memory."""
_ANY = 1_000_000
_DEEP = 3
_LONGEST = 200
CORE = "core"
DEPLOYED = "deployed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be measured, as the command line says it. ``batch``: in batches, looked after at this pace."""

    data: Path
    modes: tuple[Mode, ...]
    target: str
    model: str | None
    judge: str | None
    second: str | None
    repeats: int
    share: float
    decline: float
    seed: int
    concurrency: int
    max_usd: float | None
    batch: Rhythm | None = None


@dataclass(frozen=True, slots=True)
class Three:
    """Who writes, who judges, and who judges too (None: nobody), with the names they are paid under."""

    writer: Provider
    judge: Provider
    second: Provider | None
    keys: tuple[str, str, str]

    @property
    def names(self) -> tuple[str, str, str]:
        """As prices know them; empty for nobody."""
        return self.writer.name, self.judge.name, "" if self.second is None else self.second.name


@asynccontextmanager
async def three_of(settings: Settings, wanted: Wanted) -> AsyncIterator[Three]:
    """The models. Raises SettingsError: offline, unknown, or without a key."""
    async with AsyncExitStack() as stack:
        two = await stack.enter_async_context(models_of(settings, wanted.model, wanted.judge))
        second, key = None, ""
        if wanted.second is not None:
            other = await stack.enter_async_context(models_of(settings, wanted.second, None))
            second, key = other.writer, other.keys[0]
        yield Three(two.writer, two.judge, second, (*two.keys, key))


def dataset(ground: Ground, path: Path) -> DataSet:
    """Read a file of scenarios. Raises InputError."""
    return read_dataset(path, tuple(ground.policy.domains), ground.bucket)


class Bench:
    """Everything a run needs, opened: see :func:`bench`."""

    def __init__(
        self,
        settings: Settings,
        wanted: Wanted,
        ground: Ground,
        models: Three,
        scenarios: Sequence[Scenario],
        fingerprint: str,
        calls: PaidCalls,
        evidence: EvidenceSource | None,
        planned: int,
    ) -> None:
        self.wanted, self.models, self.scenarios = wanted, models, scenarios
        self._settings, self._ground, self._calls, self._evidence = settings, ground, calls, evidence
        tables: Callable[[str], Table] = lru_cache(maxsize=None)(lambda domain: Table.of(ground.policy, domain))
        self.acquaintance = Acquaintance(tables, evidence, wanted.seed)
        self.recipe = Recipe(
            data=fingerprint,
            scenarios=len(scenarios),
            modes=tuple(mode.name for mode in wanted.modes),
            model=models.keys[0],
            judge=models.keys[1],
            second=models.keys[2],
            rubric=_rubric(),
            policy=ground.policy.id,
            target=wanted.target,
            evidence=planned,
            repeats=wanted.repeats,
            share=wanted.share,
            decline=wanted.decline,
            seed=wanted.seed,
        )

    def estimate(self) -> Estimate:
        wanted = self.wanted
        return estimated(
            self.scenarios,
            wanted.modes,
            self.models.names,
            repeats=wanted.repeats,
            share=wanted.share,
            decline=wanted.decline,
            seed=wanted.seed,
            acquaintance=self.acquaintance,
            prompt=self._ground.prompt,
            prices=PRICES if wanted.batch is None else in_batches(PRICES),
        )

    def sensitive(self) -> list[str]:
        """Attributes that the policy calls sensitive."""
        described = self._ground.policy.defaults.attributes
        return [name for name, each in described.items() if each.sensitivity is Sensitivity.SENSITIVE]

    def trees(self) -> list[dict[str, object]]:
        """What ``raise`` would ask about one query of each domain, whatever the answers (as JSON)."""
        first = {each.domain: each for each in reversed(self.scenarios)}
        trees: list[dict[str, object]] = []
        for domain, scenario in first.items():
            tree = self.acquaintance.branches(scenario, _DEEP)
            grown = None if tree is None else tree.json()
            trees.append({"domain": domain, "query": scenario.query[:_LONGEST], "tree": grown})
        return trees

    @asynccontextmanager
    async def running(self, record: Record, dearest: float, journal: BatchJournal | None) -> AsyncIterator[Running]:
        """Ready to run; ``journal`` keeps its batches, if it has any. On leaving, calls under way are waited for and
        recorded, however it ends."""
        from adapters.models.build import batches_of

        wanted, models, clock = self.wanted, self.models, SystemClock()
        budget, pace = Budget(Limits(usd=wanted.max_usd), dearest), Pace(wanted.concurrency)
        # What waits for a batch needs no place at the server; what is asked singly is tried again within its own.
        most = pace if journal is None else Pace(_ANY, Persistence(attempts=1))
        async with AsyncExitStack() as stack:

            async def paid(provider: Provider, key: str) -> Paid:
                batched = None
                if journal is not None and wanted.batch is not None:
                    batched = Batched(provider, batches_of(provider), journal, pace, clock, wanted.batch)
                    stack.push_async_callback(batched.close)
                return await stack.enter_async_context(Paid(provider, key, self._calls, most, budget, clock, batched))

            writer = await paid(models.writer, models.keys[0])
            judge = await paid(models.judge, models.keys[1])
            second = None if models.second is None else await paid(models.second, models.keys[2])
            respondent: Respondent = Core(self.acquaintance, writer, self._ground.prompt, wanted.decline, wanted.seed)
            if wanted.target == DEPLOYED:
                whole = deployed(
                    self._settings, writer, models.writer.name, self._evidence, wanted.decline, wanted.seed
                )
                respondent = await stack.enter_async_context(whole)
            examiner = Examiner(
                respondent,
                RubricJudge(judge, self._ground.labels),
                None if second is None else RubricJudge(second, self._ground.labels),
                repeats=wanted.repeats,
                share=wanted.share,
                seed=wanted.seed,
            )
            # A turn of the whole bot has a deadline: its calls must not queue for places.
            side_by_side = wanted.concurrency * (_AHEAD if wanted.target == CORE else 1)
            if journal is not None:
                side_by_side = _IN_BATCHES
            job = PenguinJob(examiner, record, self.scenarios, wanted.modes, side_by_side)
            some = tuple(each for each in (writer, judge, second) if each is not None)
            yield Running(job=job, budget=budget, pace=pace, paid=some)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running(Bill):
    """A job with what it spends."""

    job: PenguinJob


@asynccontextmanager
async def bench(
    settings: Settings, ground: Ground, wanted: Wanted, scenarios: Sequence[Scenario], fingerprint: str
) -> AsyncIterator[Bench]:
    """Open stores and models for a run; one at a time for a state folder. Raises InputError, SettingsError,
    StoreError."""
    if wanted.target == DEPLOYED:
        check_modes(wanted.modes)
        if wanted.batch is not None:
            raise InputError(
                f"expected --batch without --target {DEPLOYED}: people wait for the turns of the whole bot"
            )
    async with AsyncExitStack() as stack:
        models = await stack.enter_async_context(three_of(settings, wanted))
        stack.enter_context(sole(settings, "penguin"))
        store, calls = await stack.enter_async_context(planning_stores(settings))
        # A planned query of the very same text never counts: plans and test queries do not overlap (METHOD 6.4).
        opened = await Index(store, ground.embedder, ground.lattice, identical=False).refresh()
        planned = 0 if opened.retrieval is None else len(opened.retrieval)
        yield Bench(settings, wanted, ground, models, scenarios, fingerprint, calls, opened.retrieval, planned)


def _rubric() -> str:
    """What the judge is told, in short: another wording is another measurement."""
    return hashlib.blake2s(judge_prompt("", "", {}, {}).system.encode(), digest_size=8).hexdigest()


async def written_queries(
    settings: Settings,
    ground: Ground,
    model: str,
    count: int,
    seed: int,
    *,
    concurrency: int,
    max_usd: float | None,
    told: Callable[[int], None],
) -> Written:
    """Scenarios whose queries a model wrote. Raises SettingsError, StoreError, ProviderError."""
    async with AsyncExitStack() as stack:
        models = await stack.enter_async_context(models_of(settings, model, None))
        stack.enter_context(sole(settings, "penguin"))
        _, calls = await stack.enter_async_context(planning_stores(settings))
        budget, pace = Budget(Limits(usd=max_usd)), Pace(concurrency)
        paid = Paid(models.writer, models.keys[0], calls, pace, budget, SystemClock())
        writer = QueryWriter(await stack.enter_async_context(paid), ground.reader, seed, concurrency)
        return await writer.write(count, told)
