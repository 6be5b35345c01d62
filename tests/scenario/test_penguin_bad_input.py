"""``raise-bot penguin run`` with judges and answers that are no use, files that are half right, senseless options."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.support.models.faults import REFUSE, Fault, Kind
from tests.support.models.wire import Call
from tests.support.penguin_runs import PenguinRuns

FREE = ("--modes", "context-free")


def verdict(risk: int, **more: int) -> str:
    return json.dumps({"risk_sensitivity": risk, "emotional_empathy": 4, "user_specific_alignment": 4, **more})


LIES = ("I would say 4 out of 5, error 429", verdict(4, total=15), verdict(9))


async def test_a_judge_that_talks_or_lies_gives_no_number(
    penguin: PenguinRuns, capsys: pytest.CaptureFixture[str]
) -> None:
    usual, said = penguin.server.reply, dict[str, str]()
    lies: Iterator[str] = iter(LIES)

    def lie(call: Call) -> str:
        answer = call.messages[0][1]  # the same judgement and its repair
        if answer not in said:
            said[answer] = next(lies)
        return said[answer]

    penguin.server.reply = lambda call: usual(call) if call.schema is None else lie(call)
    assert await penguin.run(*FREE, "--sample", "3") == 0
    assert "3 without a score" in capsys.readouterr().err
    assert set(said.values()) == set(LIES)
    assert all("no three whole numbers" in row["judged"][0] for row in penguin.results())
    assert await penguin.report() == 0
    text = capsys.readouterr().out
    assert "| context-free | - | - | - | - |" in text
    assert "Without a score: context-free 3 of 3." in text


async def test_refusals_and_answers_that_were_cut_off_give_no_number(penguin: PenguinRuns) -> None:
    # Two at a time: an answer, another that is cut off, the judgement of the first, a third answer.
    penguin.server.faults.extend([None, Fault(Kind.LENGTH), REFUSE, REFUSE])
    assert await penguin.run(*FREE, "--sample", "3", "--concurrency", "1") == 0
    rows = penguin.results()
    # A refusal keeps its reason, when it is found recorded as well.
    (penguin.kept / "results.jsonl").unlink()
    assert await penguin.run(*FREE, "--sample", "3", "--concurrency", "1") == 0
    assert penguin.results() == rows
    outcomes = {(row["failure"], *map(str, row["judged"])) for row in rows}
    assert outcomes == {
        ("", "the judge declined to judge"),
        ("the answer was cut off before its end",),
        ("the model declined to answer",),
    }
    assert len(penguin.server.calls) == 4


async def test_bad_files_are_refused_or_their_rows_named(
    penguin: PenguinRuns, capsys: pytest.CaptureFixture[str]
) -> None:
    file = penguin.folder / "scenarios.csv"
    file.write_text("question,scenario,age\nWhat now?,life,25-34\n", encoding="utf-8")
    assert await penguin.run(data=file) == 2
    assert "expected the columns query, found only age, question, scenario" in capsys.readouterr().err
    file.write_text(
        "query,scenario,age,marital_status\nWhat now?,life,65-74 years,recently divorced\n,life,25-34,single\n"
        "And now?,gardening,25-34,single\nSo?,life,,\nHow?,life,eternal,single\n",
        encoding="utf-8",
    )
    assert await penguin.run("--modes", "context-rich", data=file) == 1
    said = capsys.readouterr().err
    assert ':3: expected "query"' in said
    assert ':4: expected "scenario", one of' in said
    assert ":5: expected the background of who asks" in said
    assert "no column gender" in said
    assert "kept as they are: age (1)" in said
    assert len(penguin.results()) == 2


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--repeats", "0"), "expected --repeats from 1, got 0"),
        (("--check", "2"), "expected --check from 0 to 1, got 2"),
        (("--max-usd", "0"), "expected --max-usd above 0, got 0"),
        (("--look-every", "0"), "expected --look-every above 0, got 0"),
        (("--concurrency", "0"), "expected --concurrency from 1, got 0"),
        (("--modes", "telepathy"), "expected --modes among"),
    ],
)
async def test_options_that_make_no_sense_are_refused(
    penguin: PenguinRuns, options: tuple[str, str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await penguin.run(*options) == 2
    assert reason in capsys.readouterr().err
