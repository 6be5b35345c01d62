"""A planning job put together: models, stores, the agent's own answer prompt, the policy's tables."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bot.assembly.models import embedder
from bot.assembly.planned import lattice_of, planning_stores
from bot.clock import SystemClock
from bot.llm import Prompt, Provider
from bot.llm.budget import Budget, Limits
from bot.llm.pacing import Pace
from bot.llm.paid import Bill, Paid
from bot.policy.folder import find_folder
from bot.policy.loader import load as load_policy
from bot.policy.locate import Locator
from bot.policy.schema import Policy
from bot.private import Private
from bot.profile.attributes import ATTRIBUTES
from bot.profile.record import Value
from bot.raise_core.agent.answer import Brief, answer_prompt
from bot.raise_core.agent.reading import Reader
from bot.raise_core.paths.index import EvidenceStore
from bot.raise_core.paths.sets import Lattice
from bot.raise_core.planner.files import read_rows
from bot.raise_core.planner.job import Parts, PlanningJob, Recipe
from bot.raise_core.planner.queries import PlanUnit, Sheet, read_sheet
from bot.raise_core.planner.rubric import RubricJudge
from bot.raise_core.state import Table
from bot.settings import Settings


class Ground:
    """What of the policy a plan stands on."""

    def __init__(self, settings: Settings) -> None:
        """Raises PolicyError."""
        self.policy: Policy = load_policy(find_folder(settings.policies))
        self.embedder = embedder(settings)
        self.reader = Reader(self.policy)
        names = tuple(name for name in lattice_of(self.policy).attributes if name in ATTRIBUTES)
        self.lattice = Lattice(names)
        self.labels: Mapping[str, str] = {name: self.policy.defaults.attributes[name].label for name in names}

    @cached_property
    def locator(self) -> Locator:
        return Locator(self.policy, self.embedder)

    def sheet(self, path: Path) -> Sheet:
        """The rows of a file of queries, checked. Raises InputError."""
        located: Callable[[str], str | None] = lambda query: self.locator.locate(query).domain  # noqa: E731
        return read_sheet(read_rows(path), self.lattice.attributes, tuple(self.policy.domains), located)

    def bucket(self, attribute: str, value: str) -> str | None:
        """The bucket a value falls into; None where it fits none."""
        read = self.reader.value(attribute, value)
        return None if read is None else read.bucket

    def prompt(self, query: str, domain: str, known: Mapping[str, str]) -> Prompt:
        """The prompt the agent itself would answer from."""
        values = tuple((name, Value(Private(value), None)) for name, value in known.items())
        return answer_prompt(self.policy, Brief(domain, Private(query), values, (), "und", False))

    def tables(self) -> Mapping[str, Mapping[str, float]]:
        """Domain -> attribute -> points it brings, from the policy."""
        return {
            domain: {name: terms.gain for name, terms in Table.of(self.policy, domain).terms.items()}
            for domain in self.policy.domains
        }


@dataclass(frozen=True, slots=True)
class Models:
    """Who writes and ranks, and who judges. ``keys`` name provider and model in full, so that a default that changes
    with a release counts as another model."""

    writer: Provider
    judge: Provider
    specs: tuple[str, str]

    @property
    def names(self) -> tuple[str, str]:
        """As prices know them."""
        return self.writer.name, self.judge.name

    @property
    def keys(self) -> tuple[str, str]:
        writer, judge = (spec.partition(":")[0] for spec in self.specs)
        return f"{writer}:{self.writer.name}", f"{judge}:{self.judge.name}"


@asynccontextmanager
async def models_of(settings: Settings, model: str | None, judge: str | None) -> AsyncIterator[Models]:
    """The models named in the words of the settings (``anthropic:MODEL``), else the settings' first provider. Raises
    SettingsError: offline, unknown, or without a key."""
    from adapters.models.build import alone

    first = model or settings.provider.split(",")[0].strip()
    second = judge or first
    async with AsyncExitStack() as stack:
        writer = alone(first)
        stack.push_async_callback(writer.close)
        judging = writer
        if second != first:
            judging = alone(second)
            stack.push_async_callback(judging.close)
        yield Models(writer, judging, (first, second))


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning(Bill):
    """A job ready to run, with what it spends."""

    job: PlanningJob
    store: EvidenceStore


@contextmanager
def sole(settings: Settings, what: str) -> Iterator[None]:
    """Held by one process at a time for a database or a state folder: two that do the same would both pay. Raises
    StoreUnavailable. The bot runs beside it."""
    from adapters.database import Alone, AloneThere, connect

    beside = "" if settings.state is None else f"sqlite:///{settings.state / 'plans' / what}"
    url = settings.database_url if settings.database_url.startswith("postgresql") else beside
    if not url:
        yield
        return
    engine = connect(url, connections=1, survive_power_cut=True)
    lock = (Alone if engine.dialect.name == "sqlite" else AloneThere)(engine, what)
    lock.take()
    try:
        yield
    finally:
        lock.release()


@asynccontextmanager
async def planning(
    settings: Settings,
    ground: Ground,
    recipe: Recipe,
    models: Models,
    units: Sequence[PlanUnit],
    *,
    concurrency: int,
    max_usd: float | None,
    dearest: float,
) -> AsyncIterator[Planning]:
    """Open the stores for a job. On leaving, calls under way are waited for and recorded, however it ends.
    ``concurrency`` bounds all calls together; ``dearest`` is what one call may cost (US dollars)."""
    clock = SystemClock()
    budget, pace = Budget(Limits(usd=max_usd), dearest), Pace(concurrency)
    async with AsyncExitStack() as stack:
        stack.enter_context(sole(settings, "planning"))
        store, calls = await stack.enter_async_context(planning_stores(settings))
        writer = await stack.enter_async_context(Paid(models.writer, recipe.model, calls, pace, budget, clock))
        judge = await stack.enter_async_context(Paid(models.judge, recipe.judge, calls, pace, budget, clock))
        parts = Parts(
            store=store,
            lattice=ground.lattice,
            embedder=ground.embedder,
            writer=writer,
            judge=RubricJudge(judge, ground.labels),
            prompt=ground.prompt,
            labels=ground.labels,
            tables=ground.tables(),
            clock=clock,
        )
        # As many plans as calls: each has at least one call under way while it is not computing.
        job = PlanningJob(recipe, parts, units, concurrency)
        yield Planning(job=job, store=store, budget=budget, pace=pace, paid=(writer, judge))
