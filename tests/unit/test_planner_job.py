"""A planning job: what an outage, a refusal and a stop do to it, and what it never does twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from adapters.stores.memory_evidence import MemoryEvidence
from adapters.stores.memory_paid import MemoryPaidCalls
from bot.clock import ManualClock
from bot.errors import BudgetExceeded, ProviderDeclined, ProviderError, ProviderRejected, ProviderUnavailable
from bot.llm.budget import Budget, Limits
from bot.llm.pacing import Pace, Persistence
from bot.llm.paid import Paid
from bot.llm.provider import Message, Prompt, Purpose, Reply, Role, Shape, Structured, Usage
from bot.private import Private
from bot.profile.attributes import ATTRIBUTES
from bot.raise_core.paths.index import PlannedQuery
from bot.raise_core.paths.sets import Lattice
from bot.raise_core.planner.job import Outcome, Parts, PlanningJob, Recipe
from bot.raise_core.planner.proposals import Ranking
from bot.raise_core.planner.queries import QueryRow, units_of
from bot.raise_core.planner.rubric import RubricJudge, Scores
from bot.raise_core.planner.strategies import STRATEGIES
from bot.raise_core.state import PUBLISHED_GAINS
from tests.support.planning import EMBEDDER

RECIPE = Recipe("lattice", 2, 6, 1, 0, "m", "m", "p", EMBEDDER.name)
LABELS = {name: name for name in ATTRIBUTES}
ROWS = [QueryRow(number, f"Case {number}: what now?", "life", {}) for number in range(6)]
UNITS = units_of(ROWS, 6, 1, 0, lambda name, value: None)


@dataclass
class Model:
    """Scores 3, or 5 where the answer was written with the age; ``trouble`` may raise instead, by prompt."""

    trouble: Callable[[Prompt], None] = lambda prompt: None
    asked: Counter[Purpose] = field(default_factory=Counter)
    name = "model"

    async def complete(self, prompt: Prompt) -> Reply:
        self._ask(prompt)
        await asyncio.sleep(0)
        return Reply(Private(f"Answer to {prompt.messages[0].text.reveal()}"), "model", Usage(10, 10, 0.001))

    def stream(self, prompt: Prompt) -> None:  # type: ignore[override]  # jobs never stream
        raise AssertionError

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        self._ask(prompt)
        await asyncio.sleep(0)
        if shape is Ranking:
            said: dict[str, object] = {"ratings": [{"attribute": "age", "weight": 50}]}
        else:
            said = dict.fromkeys(Scores.model_fields, 5 if "knowing age" in prompt.messages[0].text.reveal() else 3)
        return Structured(shape.model_validate(said), "model", Usage(10, 2, 0.001))

    async def close(self) -> None:
        """Nothing is open."""

    def _ask(self, prompt: Prompt) -> None:
        self.trouble(prompt)
        self.asked[prompt.purpose] += 1


def written(query: str, domain: str, known: Mapping[str, str]) -> Prompt:
    said = f"{query} knowing {' '.join(sorted(known))}"
    return Prompt(Purpose.ANSWER, domain, (Message(Role.USER, Private(said)),))


@dataclass
class Run:
    """One process after another over the same stores."""

    store: MemoryEvidence = field(default_factory=MemoryEvidence)
    calls: MemoryPaidCalls = field(default_factory=MemoryPaidCalls)

    async def run(self, model: Model, usd: float | None = None, recipe: Recipe = RECIPE) -> Outcome:
        pace = Pace(4, Persistence(attempts=1))
        async with Paid(model, "m", self.calls, pace, Budget(Limits(usd=usd)), ManualClock()) as paid:
            judge, tables = RubricJudge(paid, LABELS), {"life": dict(PUBLISHED_GAINS)}
            lattice = Lattice(ATTRIBUTES)
            parts = Parts(self.store, lattice, EMBEDDER, paid, judge, written, LABELS, tables, ManualClock())
            job = PlanningJob(recipe, parts, UNITS, 2)
            seen: list[int] = []
            try:
                return await job.run(lambda outcome: seen.append(outcome.planned))
            finally:
                assert seen == sorted(seen)

    async def paths(self) -> list[tuple[str, ...]]:
        return [each.evidence.path for each in (await self.store.get([unit.id for unit in UNITS])).values()]


def failing(error: type[ProviderError], after: int = 0) -> Callable[[Prompt], None]:
    left = after

    def trouble(prompt: Prompt) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise error("trouble")

    return trouble


async def test_every_unit_is_planned_once() -> None:
    run, model = Run(), Model()
    outcome = await run.run(model)
    assert (outcome.planned, outcome.before, outcome.left, outcome.judged) == (6, 0, 0, 36)
    assert all(path[0] == "age" for path in await run.paths())
    assert model.asked[Purpose.RANK] == 6
    paid = model.asked.total()
    again = await run.run(model)
    assert (again.planned, again.before, model.asked.total()) == (0, 6, paid)


async def test_an_outage_ends_the_job_for_now_and_loses_nothing() -> None:
    whole, plain = Run(), Model()
    await whole.run(plain)
    run, model = Run(), Model(failing(ProviderUnavailable, after=30))
    outcome = await run.run(model)
    assert "no model answers" in outcome.stopped
    assert not outcome.spent
    assert outcome.planned + outcome.left == 6
    assert outcome.left >= 3
    model.trouble = lambda prompt: None
    assert (await run.run(model)).left == 0
    assert await run.paths() == await whole.paths()
    assert model.asked == plain.asked


async def test_the_budget_ends_the_job_and_more_of_it_goes_on() -> None:
    run, model = Run(), Model()
    outcome = await run.run(model, usd=0.03)
    assert outcome.spent
    assert "the budget does not allow" in outcome.stopped
    assert 0 < outcome.left < 6
    assert model.asked.total() <= 30
    assert (await run.run(model)).left == 0


@pytest.mark.parametrize("error", [ProviderRejected, BudgetExceeded])
async def test_what_only_an_operator_can_mend_ends_the_job_at_once(error: type[ProviderError]) -> None:
    run, model = Run(), Model(failing(error))
    if error is ProviderRejected:
        with pytest.raises(ProviderRejected):
            await run.run(model)
    else:
        assert (await run.run(model)).left == 6
    assert not model.asked


async def test_a_model_that_will_not_answer_one_query_costs_no_other() -> None:
    def trouble(prompt: Prompt) -> None:
        if prompt.purpose is Purpose.ANSWER and "Case 3" in prompt.messages[0].text.reveal():
            raise ProviderDeclined("not this")

    run = Run()
    outcome = await run.run(Model(trouble))
    assert (outcome.planned, outcome.unscorable, outcome.left) == (5, 1, 0)
    assert outcome.failures == {"the model declined to answer": 6}


def known_sets(planned: PlannedQuery) -> set[frozenset[str]]:
    return {judged.attributes for judged in planned.evidence.judged}


async def test_another_recipe_is_another_job_and_its_judgements_are_kept_with_the_others() -> None:
    run, model = Run(), Model()
    await run.run(model)
    ids = [unit.id for unit in UNITS]
    before = {key: known_sets(each) for key, each in (await run.store.get(ids)).items()}
    other = Recipe("exhaustive", 1, 10, 1, 0, "m", "m", "p", EMBEDDER.name)
    assert other.id != RECIPE.id
    assert (await run.run(model, recipe=other)).planned == 6
    for key, each in (await run.store.get(ids)).items():
        added = known_sets(each) - before[key]
        assert before[key] < known_sets(each)
        assert {len(judged) for judged in added} == {1}


@pytest.mark.parametrize("strategy", STRATEGIES)
async def test_every_strategy_leaves_a_path_and_evidence(strategy: str) -> None:
    run = Run()
    outcome = await run.run(Model(), recipe=Recipe(strategy, 2, 6, 1, 0, "m", "m", "p", EMBEDDER.name))
    assert outcome.planned == 6
    for each in (await run.store.get([unit.id for unit in UNITS])).values():
        assert 1 <= len(each.evidence.path) <= 2
        assert each.evidence.judged
        assert each.evidence.ranking["age"] == 50
