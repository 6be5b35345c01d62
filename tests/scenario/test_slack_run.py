"""``raise-bot run`` as an operator starts and stops it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.cli.main import main
from tests.support.slack.doors import HttpDoor
from tests.support.slack.doors import Post as Postman
from tests.support.slack.model import APP_TOKEN, SECRET, TOKEN, Fault, Workspace
from tests.support.slack.people import Town, User
from tests.support.slack.process import a_bot
from tests.support.slack.server import Server

NONE = {"SLACK_BOT_TOKEN": "", "SLACK_SIGNING_SECRET": ""}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server(Workspace()).running() as running:
        yield running


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (NONE, "nothing to run: no platform is configured. Set SLACK_BOT_TOKEN"),
        ({"SLACK_SIGNING_SECRET": ""}, "SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)"),
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET for many"),
        ({"SLACK_CLIENT_ID": "1.2"}, "SLACK_CLIENT_SECRET: expected beside its other half"),
        ({"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "s"}, "SLACK_BOT_TOKEN serves one workspace"),
        ({"RAISE_PUBLIC_URL": "raise.example.org"}, "RAISE_PUBLIC_URL: expected an address such as https://"),
    ],
)
def test_settings_that_cannot_work_end_it_with_2_and_say_why(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    settings: dict[str, str],
    told: str,
) -> None:
    for name in [name for name in os.environ if name.startswith(("RAISE_", "SLACK_", "DISCORD_"))]:
        monkeypatch.delenv(name)
    ours = {"SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET, "RAISE_STATE": str(tmp_path), **settings}
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    assert main(["run"]) == 2
    assert told in capsys.readouterr().err


async def test_it_is_healthy_ready_and_ends_what_it_began(server: Server, tmp_path: Path) -> None:
    async with a_bot(server, tmp_path, RAISE_LOG_LEVEL="info") as bot, aiohttp.ClientSession() as session:
        url = await bot.url
        async with session.get(f"{url}/healthz") as answer:
            assert answer.status == 200
        ann = User(Town(server, Postman(HttpDoor(f"{url}/slack/events", session))), "U1")
        server.workspace.faults.append(Fault("chat.startStream", retry_after=1.0))
        await ann.says("set a timer for ten minutes please")
        async with session.get(f"{url}/readyz") as answer:
            assert (answer.status, await answer.json()) == (200, {"status": "ready", "problems": []})
        await server.workspace.until(lambda: [each for each in server.workspace.faults if not each.times])
        assert await bot.stop() == 0
        assert [(post.stream, bool(post.metadata)) for post in server.workspace.by_bot()] == [("stopped", True)]
        assert not [line for line in bot.said if "undelivered" in line], "though the turn was waiting for Slack"


async def test_before_slack_says_who_we_are_it_is_not_ready(server: Server, tmp_path: Path) -> None:
    server.workspace.tokens.clear()
    async with a_bot(server, tmp_path, SLACK_APP_TOKEN=APP_TOKEN) as bot, aiohttp.ClientSession() as session:
        await server.workspace.until(lambda: [each for each in server.workspace.calls if each.method == "auth.test"])
        async with asyncio.timeout(10), session.get(f"{await bot.url}/readyz") as answer:
            assert answer.status == 503
            (problem,) = (await answer.json())["problems"]
            assert problem.endswith("token_revoked: check SLACK_BOT_TOKEN")
        assert await bot.stop() == 0
