"""What ``raise-bot doctor`` says of channels of moderators, and the commands that link accounts to people in chat."""

from __future__ import annotations

import asyncio
import io
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.discord.app import Access
from adapters.discord.channel_checks import problems
from bot.assembly.desk import account_book, link_book
from bot.assembly.examining_channels import Looked, examine
from bot.cli.main import main
from bot.clock import ManualClock, SystemClock
from bot.identity import Person
from bot.private import Private
from bot.review.chat.channel import Channel
from bot.settings import Settings
from tests.support.chat_desk import MIA, PASSWORD
from tests.support.discord.model import TOKEN as DISCORD_TOKEN
from tests.support.discord.model import World
from tests.support.discord.server import Server as DiscordServer
from tests.support.slack.model import TOKEN, Workspace
from tests.support.slack.server import Server

SHIPPED = Path(__file__).parents[2] / "policies"
GUILD, CHANNEL = 10 << 22, 30


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """The shipped policy with one channel."""
    folder = tmp_path / "policies"
    shutil.copytree(SHIPPED, folder)
    with (folder / "cases" / "routing.yaml").open("a") as file:
        file.write('\nchannels:\n  - channel: "slack:T1:CMODS"\n')
    return folder


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    workspace = Workspace()
    workspace.add_channel("CMODS", bot=False)
    async with Server(workspace).running() as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path, policies: Path, server: Server) -> Settings:
    return Settings(
        policies=policies,
        state=tmp_path / "state",
        slack_bot_token=TOKEN,
        slack_app_token="xapp-1",
        slack_api_url=server.base(),
    )


def said(found: list[Looked]) -> str:
    return "\n".join(f"{each.what} {each.state} {each.found} {each.do}" for each in found)


async def test_everything_is_missing_and_then_nothing(settings: Settings, server: Server) -> None:
    first = await examine(settings)
    assert [each.state for each in first] == ["problem", "problem"]
    assert "invite the bot to the channel" in said(first)
    assert "raise-bot desk link NAME slack:T1:USER" in said(first)
    server.workspace.channels["CMODS"].members.add("UBOT")
    async with account_book(settings, SystemClock()) as book:
        await book.save(MIA, PASSWORD, 0.0)
    async with link_book(settings, SystemClock()) as links:
        await links.link(Person("slack", "T1", "U1"), "mia")
    assert [each.state for each in await examine(settings)] == ["ok"]


async def test_a_platform_that_is_not_there(settings: Settings) -> None:
    found = await examine(replace(settings, slack_bot_token="", slack_app_token=""))
    assert "Slack is not configured" in said(found)


async def test_without_state_nobody_may_press(settings: Settings) -> None:
    found = await examine(replace(settings, state=None))
    assert "Set RAISE_STATE" in said(found)


async def test_a_policy_without_channels(settings: Settings) -> None:
    assert [each.state for each in await examine(replace(settings, policies=SHIPPED))] == ["ok"]


async def test_discord_says_which_permission_is_missing() -> None:
    world = World(ManualClock())
    world.channel(CHANNEL, GUILD).permissions &= ~(1 << 11)
    here, gone = Channel("discord", str(GUILD), str(CHANNEL)), Channel("discord", str(GUILD), "31")
    async with DiscordServer(world).running() as server:
        access = Access(Private(DISCORD_TOKEN))
        found = await problems(access, (here, gone), ManualClock(), connect=lambda: server.connector("p0"))
    assert "Send Messages" in found[here]
    assert "View Channel" in found[gone]


def test_linking_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    state = ["--state", str(tmp_path / "state")]
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    assert main(["desk", "add-user", "mia", "--role", "moderator", *state]) == 0
    assert main(["desk", "link", "mia", "slack:T1:U1", *state]) == 0
    assert main(["desk", "users", *state]) == 0
    assert "in chat: slack:T1:U1" in capsys.readouterr().out
    assert main(["desk", "link", "nobody", "slack:T1:U1", *state]) == 1
    assert "there is no account 'nobody'" in capsys.readouterr().err
    assert main(["desk", "unlink", "slack:T1:U1", *state]) == 0
    assert main(["desk", "unlink", "slack:T1:U1", *state]) == 1

    async def left() -> object:
        async with link_book(Settings(state=tmp_path / "state"), SystemClock()) as links:
            return await links.linked()

    assert asyncio.run(left()) == ()
