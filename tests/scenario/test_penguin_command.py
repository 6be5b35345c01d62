"""``raise-bot penguin`` against a real model server: from made-up scenarios to a report, however it is cut short."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from asyncio import to_thread
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.cli.main import main
from bot.policy.folder import find_folder
from bot.policy.loader import load
from tests.support.models.faults import RATE_LIMITED, REFUSE, Fault, Kind
from tests.support.models.server import ModelServer
from tests.support.models.wire import Call
from tests.support.penguin_models import Simulated

MODES = "context-free,context-rich,raise,static,random,static@raise"
SMALL = ("--model", "openai:gpt-4o", "--modes", MODES, "--check", "0.5", "--second-judge", "openai:second")


def labels() -> dict[str, str]:
    return {each.label: name for name, each in load(find_folder(None)).defaults.attributes.items()}


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModelServer]:
    for name in ("RAISE_STATE", "RAISE_PROVIDER", "RAISE_POLICIES"):
        monkeypatch.delenv(name, raising=False)
    async with ModelServer(Simulated(labels())) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "scenarios.jsonl"
    assert main(["penguin", "generate", "--out", str(path), "--count", "14"]) == 0
    return path


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path))


def command(data: Path, state: Path, *options: str) -> list[str]:
    return ["penguin", "run", "--data", str(data), "--state", str(state), *SMALL, *options]


async def run(data: Path, state: Path, *options: str) -> int:
    return await to_thread(main, command(data, state, *options))


def verdict(risk: int, **more: int) -> str:
    return json.dumps({"risk_sensitivity": risk, "emotional_empathy": 4, "user_specific_alignment": 4, **more})


@asynccontextmanager
async def held_after(server: ModelServer, answered: int) -> AsyncIterator[None]:
    """Enter when so many more calls were answered; the server answers no others before this is left."""
    simulated, reached, left = server.reply, asyncio.Event(), asyncio.Event()
    count = server.served.total() + answered

    async def reply(call: Call) -> Any:
        if server.served.total() >= count:
            reached.set()
            await left.wait()
        return simulated(call)

    server.reply = reply
    await reached.wait()
    try:
        yield
    finally:
        server.reply = simulated
        left.set()


def results(state: Path) -> list[dict[str, Any]]:
    path = state / "penguin" / "scenarios" / "results.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return sorted(rows, key=lambda row: (row["scenario"], row["mode"]))


def change(data: Path) -> None:
    """Another wording of the first query."""
    lines = data.read_text(encoding="utf-8").splitlines()
    data.write_text("\n".join([lines[0].replace('"query": "', '"query": "Well: '), *lines[1:]]), encoding="utf-8")


def manifest(state: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((state / "penguin" / "scenarios" / "manifest.json").read_text(encoding="utf-8"))
    return told


async def test_from_made_up_scenarios_to_a_report(
    server: ModelServer, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "state"
    assert await run(data, state, "--json") == 0
    said = capsys.readouterr()
    told = json.loads(said.out.splitlines()[-1])
    assert told == manifest(state)
    assert "14 scenarios in 6 modes" in said.err
    assert "84 measured, 0 measured before, 0 left" in said.err
    assert told["sessions"][0]["calls"]["paid"] == server.served.total()
    rows = results(state)
    assert len(rows) == 84
    assert all(len(row["judged"]) == 1 and len(row["judged"][0]) == 3 for row in rows)
    by_mode = {mode: [row for row in rows if row["mode"] == mode] for mode in MODES.split(",")}
    assert all(row["known"] == [] for row in by_mode["context-free"])
    assert all(len(row["known"]) == 10 for row in by_mode["context-rich"])
    assert all(len(row["asked"]) == 3 for row in by_mode["static"])
    for one, other in zip(by_mode["raise"], by_mode["static@raise"], strict=True):
        assert len(one["asked"]) == len(other["asked"])
    page, tables = tmp_path / "report.html", tmp_path / "report.md"
    asked = ["penguin", "report", str(state / "penguin" / "scenarios"), "--html", str(page), "--markdown", str(tables)]
    assert await to_thread(main, asked) == 0
    text = await to_thread(tables.read_text, "utf-8")
    for expected in (
        "| context-rich | 4.",
        "LLaMA-3.1-8B",
        "another judge",
        "raise - static@raise",
        "asks ",
        "seed: 0",
    ):
        assert expected in text
    whole = await to_thread(page.read_text, "utf-8")
    assert whole.count("<svg") == 2
    assert "http" not in whole.replace("http://www.w3.org/2000/svg", "")


async def test_again_nothing_is_paid_and_nothing_changes(server: ModelServer, data: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert await run(data, state) == 0
    first, paid = results(state), server.served.total()
    assert await run(data, state) == 0
    assert results(state) == first
    assert server.served.total() == paid
    # Also without the results: what was paid is recorded under what was asked.
    (state / "penguin" / "scenarios" / "results.jsonl").unlink()
    assert await run(data, state) == 0
    assert results(state) == first
    assert server.served.total() == paid


async def test_killed_and_gone_on_with_pays_for_no_finished_call_twice(
    server: ModelServer, data: Path, tmp_path: Path
) -> None:
    whole, state, options = tmp_path / "whole", tmp_path / "state", ("--modes", "context-free,raise", "--check", "0")
    assert await run(data, whole, *options) == 0
    expected, paid = results(whole), server.served.total()
    server.served.clear()
    for _ in range(3):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.cli.main", *command(data, state, *options, "--concurrency", "4"), stderr=-3
        )
        async with held_after(server, 10):
            process.kill()
            await process.wait()
    assert await run(data, state, *options) == 0
    assert results(state) == expected
    # Only calls that were under way, or answered and not yet on the disk, when it was killed are asked for again.
    assert paid <= server.served.total() <= paid + 3 * (4 + 4)


async def test_changed_data_is_refused_with_the_reason(
    server: ModelServer, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "state"
    assert await run(data, state, "--sample", "2") == 0
    change(data)
    paid = server.served.total()
    capsys.readouterr()
    assert await run(data, state, "--sample", "2") == 2
    said = capsys.readouterr().err
    assert "holds another run" in said
    assert "the data file changed from" in said
    assert server.served.total() == paid
    assert await run(data, state, "--sample", "2", "--seed", "7") == 2
    assert "the seed changed from 0 to 7" in capsys.readouterr().err


async def test_the_same_data_in_another_form_goes_on(server: ModelServer, data: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert await run(data, state, "--sample", "2") == 0
    paid = server.served.total()
    for ending in ("csv", "json", "parquet"):
        other = data.with_suffix(f".{ending}")
        assert main(["penguin", "generate", "--out", str(other), "--count", "14"]) == 0
        assert await run(other, state, "--sample", "2") == 0
    assert server.served.total() == paid


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("I would say 4 out of 5, error 429", "no three whole numbers"),
        (verdict(4, total=15), "no three whole numbers"),
        (verdict(9), "no three whole numbers"),
    ],
)
async def test_a_judge_that_talks_or_lies_gives_no_number(
    server: ModelServer, data: Path, tmp_path: Path, said: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    simulated = server.reply
    server.reply = lambda call: simulated(call) if call.schema is None else said
    state = tmp_path / "state"
    assert await run(data, state, "--sample", "3", "--modes", "context-free") == 0
    assert "3 without a score" in capsys.readouterr().err
    rows = results(state)
    assert all(reason in row["judged"][0] for row in rows)
    assert main(["penguin", "report", str(state / "penguin" / "scenarios")]) == 0
    text = capsys.readouterr().out
    assert "| context-free | - | - | - | - |" in text
    assert "Without a score: context-free 3 of 3." in text


async def test_a_judge_that_refuses_gives_no_number(server: ModelServer, data: Path, tmp_path: Path) -> None:
    server.faults.extend([None, REFUSE])
    state = tmp_path / "state"
    options = ("--sample", "1", "--modes", "context-free", "--check", "0", "--concurrency", "1")
    assert await run(data, state, *options) == 0
    (row,) = results(state)
    assert isinstance(row["judged"][0], str)
    assert row["checks"] == {}


async def test_an_answer_that_was_cut_off_is_not_judged(server: ModelServer, data: Path, tmp_path: Path) -> None:
    server.faults.extend([Fault(Kind.LENGTH)])
    state = tmp_path / "state"
    assert await run(data, state, "--sample", "1", "--modes", "context-free", "--concurrency", "1") == 0
    (row,) = results(state)
    assert row["judged"] == []
    assert row["failure"] == "the answer was cut off before its end"
    assert server.served.total() == 1


async def test_rate_limits_slow_it_down_and_nothing_is_lost(server: ModelServer, data: Path, tmp_path: Path) -> None:
    limited = Fault(Kind.STATUS, status=RATE_LIMITED.status, code=RATE_LIMITED.code, retry_after=0.01)
    server.faults.extend([limited, None, limited, None, None, limited])
    state = tmp_path / "state"
    assert await run(data, state, "--modes", "context-free", "--check", "0") == 0
    assert len(results(state)) == 14
    assert manifest(state)["sessions"][0]["calls"]["slowed_down"] >= 1


async def test_bad_files_are_refused_or_their_rows_named(
    server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state, file = tmp_path / "state", tmp_path / "scenarios.csv"
    file.write_text("question,scenario,age\nWhat now?,life,25-34\n", encoding="utf-8")
    assert await run(file, state) == 2
    assert "expected the columns query, found only age, question, scenario" in capsys.readouterr().err
    file.write_text(
        "query,scenario,age,marital_status\nWhat now?,life,65-74 years,recently divorced\n,life,25-34,single\n"
        "And now?,gardening,25-34,single\nSo?,life,,\nHow?,life,eternal,single\n",
        encoding="utf-8",
    )
    assert await run(file, state, "--modes", "context-rich", "--check", "0") == 1
    said = capsys.readouterr().err
    assert ':3: expected "query"' in said
    assert ':4: expected "scenario", one of' in said
    assert ":5: expected the background of who asks" in said
    assert "no column gender" in said
    assert "kept as they are: age (1)" in said
    assert len(results(state)) == 2


async def test_the_whole_bot_is_measured_over_its_page(
    server: ModelServer, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "state"
    options = (
        "--target",
        "deployed",
        "--modes",
        "context-free,raise",
        "--decline",
        "0",
        "--check",
        "0",
        "--sample",
        "6",
    )
    assert await run(data, state, *options) == 0
    rows = results(state)
    assert len(rows) == 12
    assert all(row["judged"] and not row["failure"] for row in rows)
    asking = [row for row in rows if row["mode"] == "raise"]
    assert sum(len(row["asked"]) for row in asking) >= 6
    for row in asking:
        assert set(row["known"]) == set(row["asked"])
    assert all(row["known"] == [] for row in rows if row["mode"] == "context-free")
    paid = server.served.total()
    assert await run(data, state, *options) == 0
    assert server.served.total() == paid
    assert await run(data, tmp_path / "other", "--target", "deployed", "--modes", "static") == 2
    assert "the bot decides what it asks" in capsys.readouterr().err


async def test_a_prepared_answer_never_passes_for_the_model_s(server: ModelServer, data: Path, tmp_path: Path) -> None:
    """An outage in the middle: the bot serves people a prepared answer, and the run measures them another time."""
    state = tmp_path / "state"
    options = ("--target", "deployed", "--check", "0", "--concurrency", "1", "--sample", "5")
    options += ("--modes", "context-free")
    server.faults.extend([None] * 4 + [Fault(Kind.STATUS, status=401, code="authentication_error")])
    assert await run(data, state, *options) == 2
    assert 0 < len(results(state)) < 5
    server.faults.clear()
    assert await run(data, state, *options) == 0
    assert len(results(state)) == 5
    assert not any(row["failure"] for row in results(state))


async def test_a_model_writes_queries_that_do_not_tell_who_asks(
    server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "written.csv"
    asked = ["penguin", "generate", "--out", str(out), "--count", "60", "--model", "openai:gpt-4o", "--json"]
    asked += ["--state", str(tmp_path / "state")]
    assert await to_thread(main, asked) == 0
    figures = json.loads(capsys.readouterr().out)
    text = await to_thread(out.read_text, "utf-8")
    assert 30 < figures["scenarios"] < 60
    assert figures["scenarios"] + sum(figures["left_out"].values()) == 60
    assert "husband" not in text
    # Who asks is drawn for the query, and never shown to the model that writes it.
    assert all("background" not in call.last and "Age" not in call.last for call in server.calls)
    paid = server.served.total()
    assert await to_thread(main, asked) == 0
    assert server.served.total() == paid
    assert await to_thread(out.read_text, "utf-8") == text


async def test_generating_without_a_key_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    asked = ["penguin", "generate", "--out", str(tmp_path / "x.csv"), "--model", "openai", "--state", str(tmp_path)]
    assert await to_thread(main, asked) == 2
    assert "OPENAI_API_KEY" in capsys.readouterr().err
    assert not (tmp_path / "x.csv").exists()


async def test_a_budget_ends_it_cleanly_and_more_goes_on(
    server: ModelServer, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state, options = tmp_path / "state", ("--modes", "context-free,context-rich", "--check", "0", "--concurrency", "2")
    plain = [each for each in SMALL if each not in ("--second-judge", "openai:second")]
    asked = ["penguin", "run", "--data", str(data), "--state", str(state), *plain, *options]
    assert await to_thread(main, [*asked, "--max-usd", "0.03"]) == 0
    said = capsys.readouterr().err
    assert "stopped: the budget does not allow" in said
    done = len(results(state))
    assert 0 < done < 28
    assert manifest(state)["sessions"][0]["spent"]["usd"] <= 0.03
    assert await to_thread(main, asked) == 0
    assert len(results(state)) == 28
    assert [each["measured"] for each in manifest(state)["sessions"]] == [done, 28 - done]
