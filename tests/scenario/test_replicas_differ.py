"""Two processes of one deployment with different policies or releases: both serve, and it is said in a line each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.engine.dbos import DbosEngine
from bot.assembly.beside import RELEASE
from bot.cli.main import main
from bot.clock import SystemClock
from bot.conversation.engine import Steps
from tests.support.policies import shipped
from tests.support.slack.model import Workspace
from tests.support.slack.process import a_bot
from tests.support.slack.server import Server

pytestmark = pytest.mark.postgres
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


async def nothing(turn_id: str, steps: Steps) -> None:
    """Nobody writes here."""


@pytest.fixture
async def another(postgres_database: str) -> AsyncIterator[DbosEngine]:
    """A living process of a release and a policy that nobody else has."""
    engine = DbosEngine(postgres_database, SystemClock())
    engine.introduce("0.0.9", "older")
    await engine.start(nothing)
    yield engine
    await engine.stop(5)


async def doctor(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str]]:
    """What it finds of processes."""
    await asyncio.to_thread(main, ["doctor", "--json"])
    lines = map(json.loads, capsys.readouterr().out.splitlines())
    return [(each["state"], each["found"]) for each in lines if each["what"] == "processes"]


async def test_whoever_starts_beside_another_says_what_differs_and_what_to_do(
    another: DbosEngine,
    postgres_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ours = {"RAISE_DATABASE_URL": postgres_database, "RAISE_KEY": KEY, "RAISE_LOG_LEVEL": "info"}
    release = f"another process runs release 0.0.9, this one {RELEASE}: fine during an upgrade; else install the same"
    policy = f"another process serves policy older, this one {shipped().id}: people get either; give every process the"
    async with Server(Workspace()).running() as server, a_bot(server, tmp_path, **ours) as bot:
        said = [line for line in bot.said if "replicas_differ" in line]
        async with asyncio.timeout(20):
            while len(said) < 2:
                await asyncio.sleep(0.05)
                said = [line for line in bot.said if "replicas_differ" in line]
        assert await bot.stop() == 0
    assert [release in said[0], policy in said[1]] == [True, True]
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    assert [(state, found.startswith((release, policy))) for state, found in await doctor(capsys)] == [
        ("problem", True),
        ("problem", True),
    ]
    another.introduce(RELEASE, shipped().id)
    await another.stop(5)
    await another.start(nothing)
    assert await doctor(capsys) == [("ok", "1 alive, all with this release and policy")]
