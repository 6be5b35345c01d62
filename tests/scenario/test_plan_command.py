"""``raise-bot plan`` against a real model server: from a file to what the bot asks, however it is cut short."""

from __future__ import annotations

import asyncio
import hashlib
import json
import signal
import sys
from asyncio import to_thread
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.assembly.planned import planned_queries
from bot.cli.main import main
from bot.raise_core.paths.index import PlannedQuery
from bot.settings import Settings
from tests.support.models.faults import RATE_LIMITED, Fault, Kind
from tests.support.models.server import ModelServer
from tests.support.models.wire import Call
from tests.support.planning import planned

QUERIES = (
    {"query": "My girlfriend left me after four years and I cannot sleep", "scenario": "relationship"},
    {"query": "I was fired and the rent is due", "scenario": "financial"},
    {"query": "Should I tell my doctor about the pain?", "scenario": "health"},
)
SMALL = ("--budget", "8", "--profiles", "1", "--concurrency", "4", "--model", "openai:gpt-4o")
DIMENSIONS = ("risk_sensitivity", "emotional_empathy", "user_specific_alignment")


def number(text: str, most: int) -> int:
    """A number that depends on the text alone, so that two runs are told the same."""
    return hashlib.blake2s(text.encode()).digest()[0] % most


def reply(call: Call) -> str:
    if call.schema is None:
        age = 3 if "Age:" in call.last else 0
        return f"Quality {age + number(call.last, 2)}. Take one small step. {number(call.last, 97)}"
    if "ratings" in call.schema["properties"]:
        return json.dumps({"ratings": [{"attribute": "age", "weight": 60}, {"attribute": "gender", "weight": 20}]})
    quality = 1 + int(call.messages[0][1].partition("Quality ")[2][:1])
    return json.dumps(dict.fromkeys(DIMENSIONS, quality))


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModelServer]:
    monkeypatch.delenv("RAISE_STATE", raising=False)
    monkeypatch.delenv("RAISE_PROVIDER", raising=False)
    async with ModelServer(reply) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "queries.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in QUERIES), encoding="utf-8")
    return path


def served(server: ModelServer) -> int:
    return server.served.total()


async def plan(file: Path, state: Path, *options: str) -> int:
    return await to_thread(main, ["plan", "--queries", str(file), "--state", str(state), *SMALL, *options])


async def kept(state: Path) -> list[PlannedQuery]:
    async with planned_queries(Settings(state=state)) as store:
        return list(await store.page("", 100))


def learned(rows: list[PlannedQuery]) -> list[tuple[object, ...]]:
    return [(row.id, row.evidence, row.manifest) for row in rows]


@asynccontextmanager
async def command(file: Path, state: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The same command in a process of its own, which can be killed."""
    asked = ("plan", "--queries", str(file), "--state", str(state), *SMALL)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli.main", *asked),
        stderr=asyncio.subprocess.PIPE,
        # Tests that run in the background ignore Ctrl-C, and so would whatever they start.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_from_a_file_to_what_the_bot_asks(
    server: ModelServer, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state, out = tmp_path / "state", tmp_path / "plans" / "out.jsonl"
    assert await plan(file, state, "--out", str(out), "--json") == 0
    said = capsys.readouterr()
    manifest = json.loads(said.out)
    assert "3 queries, 3 plans" in said.err
    assert "3 planned, 0 planned before, 0 left" in said.err
    assert json.loads((tmp_path / "plans" / "out.jsonl.manifest.json").read_text()) == manifest
    assert manifest["calls"]["paid"] == served(server)
    assert manifest["judged_sets"] == 24
    assert manifest["model"] == manifest["judge"] == "openai:gpt-4o"
    assert manifest["spent"]["usd"] > 0
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["query"] for row in rows] == [row["query"] for row in QUERIES]
    for row in rows:
        assert row["manifest"] == manifest["id"]
        assert sum(judged["count"] for judged in row["judged"]) == 8
        assert row["profile"]  # what was told to the model, so that plans branch on answers
        assert row["path"][0] == "age"  # what raises the scores here
    first = next(call for call in server.calls if "ratings" not in str(call.schema))
    assert "You never diagnose" in first.system  # the agent's own prompt

    at = ["--state", str(state)]
    assert await to_thread(main, ["paths", "list", "--json", *at]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 3
    text = json.dumps({"text": QUERIES[0]["query"]})
    assert await to_thread(main, ["explain", text, "--json", *at]) == 0
    assert json.loads(capsys.readouterr().out)["evidence"] == "planned"

    before = served(server)
    assert await plan(file, state) == 0
    assert "0 planned, 3 planned before, 0 left; $0.0000 for 0 calls" in capsys.readouterr().err
    assert served(server) == before


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
async def test_a_run_that_is_cut_off_goes_on_where_it_stopped(
    server: ModelServer, file: Path, tmp_path: Path, how: signal.Signals
) -> None:
    assert await plan(file, tmp_path / "whole") == 0
    whole = served(server)
    server.latency, cut = 0.01, tmp_path / "cut"
    halfway = asyncio.Event()

    def watched(call: Call) -> str:
        if served(server) >= whole + whole // 2:
            server.latency = 1.0  # the rest takes longer than the signal
            halfway.set()
        return reply(call)

    server.reply = watched
    async with command(file, cut) as process:
        await halfway.wait()
        process.send_signal(how)
        await process.wait()
        assert process.returncode not in (0, 1, 2)
    assert served(server) < 2 * whole
    server.reply, server.latency = reply, 0.0
    assert await plan(file, cut) == 0
    # Killed outright, only what was under way at that moment is paid for again; else nothing at all.
    lost = served(server) - 2 * whole
    assert 0 <= lost <= (4 if how is signal.SIGKILL else 0)
    assert learned(await kept(cut)) == learned(await kept(tmp_path / "whole"))


async def test_money_ends_a_run_cleanly_and_more_money_goes_on(
    server: ModelServer, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await plan(file, tmp_path / "whole", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    whole, usd = served(server), said["spent"]["usd"]
    assert await plan(file, tmp_path, "--dry-run", "--json") == 0
    # What one call may cost at most is held back until one has shown what it does cost.
    limit = max(usd * 0.4, 1.01 * json.loads(capsys.readouterr().out)["estimate"]["dearest"])
    state, spent, runs, plans = tmp_path / "state", 0.0, 0, 0
    while plans < 3:
        assert await plan(file, state, "--max-usd", f"{limit}", "--json") == 0
        out, err = capsys.readouterr()
        run = json.loads(out)
        assert run["spent"]["usd"] <= limit
        spent, runs, plans = spent + run["spent"]["usd"], runs + 1, run["plans"]["planned"] + run["plans"]["before"]
        assert plans == 3 or ("stopped: the budget does not allow" in err and "is kept" in err)
        assert runs < 9
    assert runs > 1
    assert spent == pytest.approx(usd, abs=1e-5)  # the manifest rounds
    assert served(server) == 2 * whole
    assert learned(await kept(state)) == learned(await kept(tmp_path / "whole"))


async def test_a_judge_that_returns_prose_gives_no_score_and_is_not_paid_again(
    server: ModelServer, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def prose(call: Call) -> str:
        return "A solid 4/5, I would say." if "risk_sensitivity" in call.system else reply(call)

    server.reply = prose
    assert await plan(file, tmp_path) == 1
    assert "3 without any score: the judge gave no three whole numbers from 1 to 5" in capsys.readouterr().err
    assert await kept(tmp_path) == []
    before = served(server)
    assert await plan(file, tmp_path) == 1
    assert served(server) == before


async def test_scores_out_of_range_are_none(server: ModelServer, file: Path, tmp_path: Path) -> None:
    """Half of the judgements are out of range: the plans are made from the other half."""

    def wild(call: Call) -> str:
        if "risk_sensitivity" in call.system and number(call.messages[0][1], 2):
            return json.dumps(dict.fromkeys(DIMENSIONS, 9))
        return reply(call)

    server.reply = wild
    await plan(file, tmp_path)
    rows = await kept(tmp_path)
    assert rows
    for row in rows:
        assert 0 < sum(each.count for each in row.evidence.judged) < 8
        assert all(1 <= each.score <= 5 for each in row.evidence.judged)


async def test_a_busy_server_is_given_time_and_no_row_is_lost(
    server: ModelServer, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    busy = Fault(RATE_LIMITED.kind, status=429, code="rate_limit_error", retry_after=0.05)
    server.faults.extend([None] * 10 + [busy] * 4 + [None] * 10 + [busy])
    assert await plan(file, tmp_path, "--json") == 0
    manifest = json.loads(capsys.readouterr().out)
    assert manifest["calls"]["slowed_down"] >= 2
    assert manifest["plans"]["planned"] == 3
    assert served(server) == manifest["calls"]["paid"] + 5


async def test_a_wrong_key_ends_the_job_at_once(
    server: ModelServer, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.always = Fault(Kind.STATUS, status=401, code="authentication_error")
    assert await plan(file, tmp_path) == 2
    assert "OPENAI_API_KEY was refused" in capsys.readouterr().err
    assert served(server) <= 4


async def test_bad_rows_are_told_and_the_good_ones_planned(
    server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "q.csv"
    path.write_text(
        "query,scenario,age\nMy rent is due,financial,34\n,life,\nMy back hurts,sports,\nmy RENT is due,financial,34\n"
        'Why can I not sleep,health,40\n"cut off he',
        encoding="utf-8",
    )
    assert await plan(path, tmp_path / "state", "--json") == 1
    out, err = capsys.readouterr()
    for line, word in ((3, '"query"'), (4, "'sports'"), (5, "the same as line 2"), (7, "cut off")):
        assert any(each.startswith(f"{path}:{line}: ") and word in each for each in err.splitlines()), line
    manifest = json.loads(out)
    assert manifest["plans"]["planned"] == 2
    assert [each["line"] for each in manifest["rows"]["bad"]] == [3, 4, 7]
    path.write_text("query,scenario,shoe_size\nMy rent is due,financial,44\nMy rent,financial,45\n", encoding="utf-8")
    before = served(server)
    assert await plan(path, tmp_path / "state") == 2
    err = capsys.readouterr().err
    assert f"{path}:2: unknown attribute 'shoe_size'" in err
    assert "no query that can be planned" in err
    assert served(server) == before


async def test_plans_embedded_by_another_model_are_told(
    server: ModelServer, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = planned("Why me?", "life", {"age": 0.4})
    vector = np.ones(4, dtype=np.float32) / 2
    async with planned_queries(Settings(state=tmp_path)) as store:
        await store.put([PlannedQuery(old.id, old.evidence, "older-1", vector, "", 1.0)])
    assert await plan(file, tmp_path) == 0
    assert "1 planned queries were embedded by another model" in capsys.readouterr().err
    assert await to_thread(main, ["paths", "reembed", "--json", "--state", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out)["reembedded"] == 1


async def test_two_at_once_do_not_both_pay(
    server: ModelServer, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.latency = 0.05
    assert sorted(await asyncio.gather(plan(file, tmp_path), plan(file, tmp_path))) == [0, 2]
    assert "another process holds it" in capsys.readouterr().err
    assert len(await kept(tmp_path)) == 3


@pytest.mark.postgres
async def test_nor_do_two_on_one_database_whatever_their_folders(
    server: ModelServer,
    file: Path,
    tmp_path: Path,
    postgres_database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RAISE_DATABASE_URL", postgres_database)
    monkeypatch.setenv("RAISE_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
    server.latency = 0.2
    runs = [asyncio.create_task(plan(file, tmp_path / name)) for name in ("one", "other")]
    assert sorted(await asyncio.gather(*runs)) == [0, 2]
    (line,) = [each for each in capsys.readouterr().err.splitlines() if "planning is unavailable" in each]
    assert "another process is at it on this database, and both would pay: wait until that one has ended" in line
    assert await plan(file, tmp_path / "other") == 0, "the lock outlived its process"


@pytest.mark.parametrize("strategy", ["mcts", "static"])
async def test_other_strategies_plan_too(
    server: ModelServer, file: Path, tmp_path: Path, strategy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await plan(file, tmp_path, "--strategy", strategy, "--k", "2", "--json") == 0
    manifest: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (manifest["strategy"], manifest["plans"]["planned"]) == (strategy, 3)
    for row in await kept(tmp_path):
        assert len(row.evidence.path) == 2
        assert row.evidence.ranking["age"] == 60


async def test_what_is_asked_wrongly_is_said_before_anything_is_paid(
    server: ModelServer, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for options, word in (
        (("--model", "offline"), "the provider is offline"),
        (("--model", "nobody"), "not known"),
        (("--k", "0"), "--k"),
        (("--max-usd", "0"), "--max-usd"),
        (("--model", "openai:local-model", "--max-usd", "1"), "no price is known for local-model"),
    ):
        assert await plan(file, tmp_path, *options) == 2
        assert word in capsys.readouterr().err
    assert await plan(file, tmp_path, "--dry-run", "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["plans"] == 3
    assert "about $" in err
    assert served(server) == 0
