"""The channel of a bot as ``raise-bot run`` wires it, on SQLite, with the terminal as another process at the desk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.assembly import stores
from bot.assembly.application import application
from bot.assembly.faces import Door
from bot.assembly.moderating import moderating
from bot.assembly.slack import slack_face
from bot.cli.main import main
from bot.clock import SystemClock
from bot.settings import Settings
from bot.telemetry.events import Telemetry
from tests.support.chat_desk import MIA, PASSWORD, book_with
from tests.support.knowing import nothing_known
from tests.support.people import ANN_DIRECT
from tests.support.reviewing import flag
from tests.support.slack.chat_desk import CHANNEL, CHANNELS, shown
from tests.support.slack.doors import Post as Postman
from tests.support.slack.doors import SocketDoor
from tests.support.slack.model import APP_TOKEN, TEAM, TOKEN, Post, Workspace
from tests.support.slack.people import Town, User
from tests.support.slack.server import Server


@dataclass
class Bot:
    settings: Settings
    workspace: Workspace
    town: Town
    kept: stores.Stores
    heard: list[tuple[str, dict[str, object]]]

    def cards(self) -> list[Post]:
        return [post for post in self.workspace.posts.get(CHANNEL, []) if post.metadata is not None]

    async def until_card(self, text: str) -> None:
        await self.workspace.until(lambda: any(text in shown(post.blocks) for post in self.cards()))


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    clock, workspace, heard = SystemClock(), Workspace(), []
    workspace.add_channel(CHANNEL)
    telemetry = Telemetry(lambda event, fields: heard.append((event, dict(fields))))
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(Server(workspace).running())
        settings = Settings(
            state=tmp_path / "state",
            slack_bot_token=TOKEN,
            slack_app_token=APP_TOKEN,
            slack_api_url=server.base(),
        )
        kept = await stack.enter_async_context(stores.opened(settings, clock))
        book = book_with(*CHANNELS)
        face = slack_face(settings, kept, clock, telemetry, book.policy)
        core = application(settings, [face.platform], clock=clock, telemetry=telemetry, rulebook=book, kept=kept)
        app = await stack.enter_async_context(core)
        desk = moderating(app, [face], clock, telemetry)
        assert desk is not None
        door = Door(app.intake, app.forget, app.forget_soon, nothing_known, desk.presses)
        await stack.enter_async_context(face.run(door))
        await stack.enter_async_context(desk.running())
        await server.linked()
        assert kept.accounts is not None
        await kept.accounts.save(MIA, PASSWORD, clock.now())
        await app.reviewing.opening.take(flag(at=clock.now(), conversation=ANN_DIRECT))
        yield Bot(settings, workspace, Town(server, Postman(SocketDoor(server))), kept, heard)


async def test_what_is_done_in_the_terminal_shows_in_the_channel(bot: Bot) -> None:
    await bot.until_card("Nobody has claimed it yet.")
    (post,) = bot.cards()
    assert post.metadata is not None
    case_id = post.metadata["event_payload"]["case"]
    common = ["--state", str(bot.settings.state), "--as", "mia"]
    assert await asyncio.to_thread(main, ["review", "claim", case_id, *common]) == 0
    await bot.until_card("Claimed by mia")
    assert await asyncio.to_thread(main, ["review", "release", case_id, *common]) == 0
    await bot.until_card("Nobody has claimed it yet.")


async def test_who_is_linked_may_press(bot: Bot) -> None:
    assert bot.kept.channels is not None
    mia = User(bot.town, "U1")
    bot.workspace.channels[CHANNEL].members.add("U1")
    await bot.until_card("Nobody has claimed it yet.")
    await mia.clicks("case:claim")
    refusal = await bot.workspace.until(lambda: bot.workspace.whispers)
    assert "raise-bot desk link NAME slack:T1:U1" in refusal[0].text
    link = ["desk", "link", "mia", "slack:T1:U1", "--state", str(bot.settings.state)]
    assert await asyncio.to_thread(main, link) == 0
    await mia.clicks("case:claim")
    await bot.until_card("Claimed by mia")


async def test_removing_the_app_forgets_cards_and_links(bot: Bot) -> None:
    assert bot.kept.channels is not None
    await bot.until_card("Nobody has claimed it yet.")
    await bot.town.tell({"type": "app_uninstalled", "event_ts": bot.workspace.ts()})
    assert await bot.kept.channels.links.linked() == ()
    assert await bot.kept.channels.postings.leave("slack", TEAM) == 0


async def test_a_closed_channel_is_in_the_log(bot: Bot) -> None:
    await bot.until_card("Nobody has claimed it yet.")
    bot.workspace.channels[CHANNEL].members.discard("UBOT")
    (case,) = [post.metadata["event_payload"]["case"] for post in bot.cards() if post.metadata is not None]
    common = ["--state", str(bot.settings.state), "--as", "mia"]
    assert await asyncio.to_thread(main, ["review", "claim", case, *common]) == 0

    async def refused() -> dict[str, object]:
        while True:
            for event, fields in bot.heard:
                if event == "cards_refused":
                    return fields
            await asyncio.sleep(0.05)

    fields = await asyncio.wait_for(refused(), 10)
    assert fields["address"] == f"slack:{TEAM}:{CHANNEL}"
    assert "invite the bot" in str(fields["problem"])
