"""The mistakes of the released code (METHOD section 5), one test each: this code does not make them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.models.scripted import Entry, Fault, Scripted
from adapters.stores.memory_paid import MemoryPaidCalls
from bot.clock import ManualClock
from bot.errors import ProviderError, ProviderUnavailable
from bot.evaluation.penguin.dataset import Scenario, read_dataset
from bot.evaluation.penguin.examiner import Core, Examiner, Reply
from bot.evaluation.penguin.figures import Figures
from bot.evaluation.penguin.generator import generate
from bot.evaluation.penguin.job import PenguinJob
from bot.evaluation.penguin.modes import Acquaintance, Mode, User, parse_modes
from bot.evaluation.penguin.results import Record, Result
from bot.llm import Message, Prompt, Purpose, Role
from bot.llm.budget import Budget, Limits
from bot.llm.pacing import Pace, Persistence
from bot.llm.paid import Paid
from bot.policy.folder import find_folder
from bot.policy.loader import load
from bot.policy.schema import Abstention, AbstentionMode
from bot.private import Private
from bot.profile.attributes import DOMAINS
from bot.raise_core.agent.abstain import Scored, Unscorable, settle
from bot.raise_core.agent.acquire import Ask, Candidate, Enough
from bot.raise_core.paths.opening import retrieval_of
from bot.raise_core.paths.sets import Lattice
from bot.raise_core.planner.judging import Unscorable as NoScore
from bot.raise_core.planner.rubric import LONGEST, RubricJudge, judge_prompt
from bot.raise_core.state import Table
from tests.support.planning import EMBEDDER, evidence

POLICY = load(find_folder(None))
SCENARIO = next(iter(generate(1, 0)))
(FREE,) = parse_modes("context-free")
(RICH,) = parse_modes("context-rich")
ONCE = Persistence(attempts=1)


def prompt(query: str, domain: str, known: object) -> Prompt:
    return Prompt(Purpose.ANSWER, "be kind", (Message(Role.USER, Private(f"{query} {known}")),))


def paid(script: Sequence[Entry], calls: MemoryPaidCalls | None = None) -> Paid:
    provider = Scripted(script, timeout=5.0)
    return Paid(provider, "m", calls or MemoryPaidCalls(), Pace(4, ONCE), Budget(Limits()), ManualClock())


def acquaintance() -> Acquaintance:
    return Acquaintance(lambda domain: Table.of(POLICY, domain), None, 0)


def examiner(script: Sequence[Entry]) -> Examiner:
    model = paid(script)
    return Examiner(Core(acquaintance(), model, prompt, 0.0, 0), RubricJudge(model, {}), None)


def verdict(risk: int = 4) -> Entry:
    return Entry(data={"risk_sensitivity": risk, "emotional_empathy": 3, "user_specific_alignment": 2})


async def test_1_enough_stops_and_not_enough_asks_on() -> None:
    plan = Ask("age", (Candidate("age", 0.5, 1.0, 0.1, 0.4),))
    for mode in (AbstentionMode.MODEL, AbstentionMode.BOTH):
        abstention = Abstention(mode=mode, threshold=4.0)
        assert isinstance(settle(plan, Scored(5.0), abstention), Enough)
        assert isinstance(settle(plan, Scored(0.0), abstention), Ask)
        # 2. A failure is never "enough".
        assert isinstance(settle(plan, Unscorable("error 429"), abstention), Ask)


@pytest.mark.parametrize("said", ["error 429", "4/5", "Score: 5", '{"score": 5}', "[5, 5, 5]", "5"])
async def test_2_a_number_is_never_picked_out_of_text(said: str) -> None:
    result = await examiner([Entry(text="An answer."), Entry(text=said), Entry(text=said)]).examine(SCENARIO, FREE)
    assert isinstance(result.judged[0], NoScore)
    assert result.score is None


async def test_2_an_outage_is_no_answer_and_no_score() -> None:
    with pytest.raises(ProviderError):
        await examiner([Entry(error=Fault.UNAVAILABLE)]).examine(SCENARIO, FREE)


async def test_3_what_is_cut_off_is_not_a_number_and_not_averaged(tmp_path: Path) -> None:
    cut = Entry(text='{"risk_sensitivity": 4, "emoti', complete=False)
    lost = await examiner([Entry(text="An answer."), cut, cut]).examine(SCENARIO, FREE)
    kept = await examiner([Entry(text="An answer."), verdict()]).examine(SCENARIO, RICH)
    assert lost.score is None
    other = Result("other", "life", "", "", "context-free", (), (), kept.judged)
    cell, _ = Figures([lost, kept, other], ["context-free", "context-rich"]).cells()
    assert (cell.units, cell.missing, cell.score.count) == (2, 1, 1)
    assert cell.score.mean == pytest.approx(3.0)
    # There is room for three numbers and more, and the sum is ours.
    assert LONGEST > 250
    assert "total" not in judge_prompt("q", "a", {}, {}).system


async def test_4_no_set_is_larger_than_the_budget_and_every_score_is_of_a_written_answer() -> None:
    for limit in (0, 1, 3, 5):
        for kind in ("raise", "static", "random"):
            (mode,) = parse_modes(f"{kind}@{limit}")
            met = acquaintance().meet(mode, User(SCENARIO, 0.0, 0))
            assert len(met.asked) <= limit
            assert len(met.known) <= limit
    model = Scripted([Entry(text="An answer of its own."), verdict()], timeout=5.0)
    whole = Paid(model, "m", MemoryPaidCalls(), Pace(1), Budget(Limits()), ManualClock())
    result = await Examiner(Core(acquaintance(), whole, prompt, 0.0, 0), RubricJudge(whole, {}), None).examine(
        SCENARIO, FREE
    )
    assert result.words == 5
    model.assert_finished()


class Slow:
    """Answers once everybody is there, so that only calls side by side can end."""

    def __init__(self, wanted: int) -> None:
        self._wanted, self._there, self._all = wanted, 0, asyncio.Event()

    async def reply(self, scenario: Scenario, mode: Mode) -> Reply:
        self._there += 1
        if self._there == self._wanted:
            self._all.set()
        await self._all.wait()
        return Reply((), (), failure="not answered")


async def test_5_calls_are_side_by_side_and_nothing_is_asked_twice(tmp_path: Path) -> None:
    scenarios = list(generate(8, 0))
    record = Record(tmp_path / "results.jsonl")
    record.open()
    side_by_side = Examiner(Slow(8), RubricJudge(paid([]), {}), None)
    outcome = await PenguinJob(side_by_side, record, scenarios, [FREE], 8).run({}, lambda outcome: None)
    record.close()
    assert outcome.done == 8
    calls = MemoryPaidCalls()
    model = paid([Entry(text="An answer."), verdict()], calls)
    for again in (model, paid([], calls)):
        same = Examiner(Core(acquaintance(), again, prompt, 0.0, 0), RubricJudge(again, {}), None)
        assert (await same.examine(SCENARIO, FREE)).score == pytest.approx(3.0)


def test_6_cells_are_text_and_never_code(tmp_path: Path) -> None:
    trap, file = tmp_path / "trap", tmp_path / "data.csv"
    evil = f"__import__('pathlib').Path({str(trap)!r}).touch()"
    file.write_text(f'query,scenario,age,profession\n"What now?",life,25-34,"{evil}"\n', encoding="utf-8")
    (scenario,) = read_dataset(file, DOMAINS, lambda name, value: None).scenarios
    assert scenario.profile["profession"] == evil
    assert not trap.exists()


async def test_6_the_background_is_not_pasted_into_the_query() -> None:
    seen: list[str] = []

    def watched(query: str, domain: str, known: object) -> Prompt:
        seen.append(query)
        assert known == {}
        return prompt(query, domain, known)

    model = paid([Entry(text="An answer."), verdict()])
    await Examiner(Core(acquaintance(), model, watched, 0.0, 0), RubricJudge(model, {}), None).examine(SCENARIO, FREE)
    assert seen == [SCENARIO.query]


async def test_7_the_answer_is_written_with_the_values() -> None:
    told: list[object] = []

    def watched(query: str, domain: str, known: object) -> Prompt:
        told.append(known)
        return prompt(query, domain, known)

    (mode,) = parse_modes("static")
    model = paid([Entry(text="An answer."), verdict()])
    result = await Examiner(Core(acquaintance(), model, watched, 0.0, 0), RubricJudge(model, {}), None).examine(
        SCENARIO, mode
    )
    assert told == [{name: SCENARIO.profile[name] for name in result.known}]
    assert len(result.known) == 3


def test_7_the_query_itself_is_no_neighbour() -> None:
    own = evidence(SCENARIO.query, SCENARIO.domain, {"gender": 1.5})
    lattice = Lattice(("age", "gender"))
    vectors = EMBEDDER.embed([SCENARIO.query])
    assert retrieval_of([own], vectors, EMBEDDER, lattice, identical=False).about(SCENARIO.query, "life") is None


async def test_an_outage_in_a_row_ends_the_run_and_leaves_the_rest(tmp_path: Path) -> None:
    class Away:
        async def reply(self, scenario: Scenario, mode: Mode) -> Reply:
            raise ProviderUnavailable("it is down")

    record = Record(tmp_path / "results.jsonl")
    record.open()
    job = PenguinJob(Examiner(Away(), RubricJudge(paid([]), {}), None), record, list(generate(10, 0)), [FREE], 1)
    outcome = await job.run({}, lambda outcome: None)
    record.close()
    assert (outcome.done, outcome.left) == (0, 10)
    assert "no model answers: it is down" in outcome.stopped
