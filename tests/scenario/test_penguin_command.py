"""``raise-bot penguin`` against a real model server: from made-up scenarios to a report, however it is cut short."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio import to_thread
from pathlib import Path

import pytest

from bot.cli.main import main
from tests.support.models.faults import RATE_LIMITED, Fault, Kind
from tests.support.penguin_runs import COUNT, PenguinRuns

MODES = "context-free,context-rich,raise,static,random,static@raise"


async def test_from_made_up_scenarios_to_a_report_and_again(
    penguin: PenguinRuns, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--modes", MODES, "--check", "0.5", "--second-judge", "openai:second", "--repeats", "2")
    assert await penguin.run(*options, "--json") == 0
    said = capsys.readouterr()
    told = json.loads(said.out.splitlines()[-1])
    assert told == penguin.manifest()
    assert "14 scenarios in 6 modes" in said.err
    assert "84 measured, 0 measured before, 0 left" in said.err
    paid = penguin.server.served.total()
    assert told["sessions"][0]["calls"]["paid"] == paid
    rows = penguin.results()
    assert len(rows) == 84
    # Judged twice each, and the two draws are two calls.
    assert all(len(row["judged"]) == 2 and all(len(each) == 3 for each in row["judged"]) for row in rows)
    by_mode = {mode: [row for row in rows if row["mode"] == mode] for mode in MODES.split(",")}
    assert all(row["known"] == [] for row in by_mode["context-free"])
    assert all(len(row["known"]) == 10 for row in by_mode["context-rich"])
    assert all(len(row["asked"]) == 3 for row in by_mode["static"])
    for one, other in zip(by_mode["raise"], by_mode["static@raise"], strict=True):
        assert len(one["asked"]) == len(other["asked"])
    await reported(penguin)
    # Again: nothing is paid, also without the results, and nothing changes.
    assert await penguin.run(*options) == 0
    assert penguin.results() == rows
    (penguin.kept / "results.jsonl").unlink()
    assert await penguin.run(*options) == 0
    assert penguin.results() == rows
    assert penguin.server.served.total() == paid
    await refused(penguin, options, capsys)
    assert penguin.server.served.total() == paid


async def reported(penguin: PenguinRuns) -> None:
    page, tables = penguin.folder / "report.html", penguin.folder / "report.md"
    assert await penguin.report("--html", str(page), "--markdown", str(tables)) == 0
    text = await to_thread(tables.read_text, "utf-8")
    for expected in (
        "| context-rich | 4.",
        "| questions | sensitive | answered |",
        "LLaMA-3.1-8B",
        "another judge",
        "raise - static@raise",
        "asks ",
        "seed: 0",
        "Repeated judgements of one answer differ by",
    ):
        assert expected in text
    whole = await to_thread(page.read_text, "utf-8")
    assert whole.count("<svg") == 2
    assert "http" not in whole.replace("http://www.w3.org/2000/svg", "")


async def refused(penguin: PenguinRuns, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Another run in the same folder, with the reason."""
    capsys.readouterr()
    assert await penguin.run(*options, "--seed", "7") == 2
    assert "the seed changed from 0 to 7" in capsys.readouterr().err
    penguin.change()
    assert await penguin.run(*options) == 2
    said = capsys.readouterr().err
    assert "holds another run" in said
    assert "the data file changed from" in said


async def test_killed_and_gone_on_with_pays_for_no_finished_call_twice(penguin: PenguinRuns) -> None:
    options = ("--modes", "context-free,raise")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.cli.main", *penguin.command(*options, "--concurrency", "4"), stderr=-3
    )
    async with penguin.held_after(10):
        process.kill()
        await process.wait()
    assert await penguin.run(*options) == 0
    rows = penguin.results()
    assert len(rows) == 2 * COUNT
    different = {json.dumps([call.model, call.system, call.messages]) for call in penguin.server.calls}
    # Only calls that were under way, or answered and not yet on the disk, when it was killed are asked for again.
    assert len(different) <= penguin.server.served.total() <= len(different) + 4 + 4


async def test_the_same_data_in_another_form_goes_on(penguin: PenguinRuns) -> None:
    options = ("--sample", "2", "--modes", "context-free")
    assert await penguin.run(*options) == 0
    paid = penguin.server.served.total()
    other = penguin.data.with_suffix(".parquet")
    assert main(["penguin", "generate", "--out", str(other), "--count", str(COUNT)]) == 0
    assert await penguin.run(*options, data=other) == 0
    assert penguin.server.served.total() == paid


async def test_rate_limits_slow_it_down_and_nothing_is_lost(penguin: PenguinRuns) -> None:
    limited = Fault(Kind.STATUS, status=RATE_LIMITED.status, code=RATE_LIMITED.code, retry_after=0.01)
    penguin.server.faults.extend([limited, None, limited, None, None, limited])
    assert await penguin.run("--modes", "context-free") == 0
    assert len(penguin.results()) == COUNT
    assert penguin.manifest()["sessions"][0]["calls"]["slowed_down"] >= 1


async def test_a_budget_ends_it_cleanly_and_more_goes_on(
    penguin: PenguinRuns, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--modes", "context-free,context-rich", "--concurrency", "2")
    assert await penguin.run(*options, "--max-usd", "0.03") == 0
    assert "stopped: the budget does not allow" in capsys.readouterr().err
    done = len(penguin.results())
    assert 0 < done < 2 * COUNT
    assert penguin.manifest()["sessions"][0]["spent"]["usd"] <= 0.03
    assert await penguin.run(*options) == 0
    assert len(penguin.results()) == 2 * COUNT
    assert [each["measured"] for each in penguin.manifest()["sessions"]] == [done, 2 * COUNT - done]


async def test_a_model_writes_queries_that_do_not_tell_who_asks(
    penguin: PenguinRuns, capsys: pytest.CaptureFixture[str]
) -> None:
    out = penguin.folder / "written.csv"
    asked = ["penguin", "generate", "--out", str(out), "--count", "60", "--model", "openai:gpt-4o", "--json"]
    asked += ["--state", str(penguin.state)]
    assert await to_thread(main, asked) == 0
    figures = json.loads(capsys.readouterr().out)
    text = await to_thread(out.read_text, "utf-8")
    assert 30 < figures["scenarios"] < 60
    assert figures["scenarios"] + sum(figures["left_out"].values()) == 60
    assert "husband" not in text
    # Who asks is drawn for the query, and never shown to the model that writes it.
    assert all("background" not in call.last and "Age" not in call.last for call in penguin.server.calls)
    paid = penguin.server.served.total()
    assert await to_thread(main, asked) == 0
    assert penguin.server.served.total() == paid
    assert await to_thread(out.read_text, "utf-8") == text


async def test_generating_without_a_key_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    asked = ["penguin", "generate", "--out", str(tmp_path / "x.csv"), "--model", "openai", "--state", str(tmp_path)]
    assert await to_thread(main, asked) == 2
    assert "OPENAI_API_KEY" in capsys.readouterr().err
    assert not (tmp_path / "x.csv").exists()
