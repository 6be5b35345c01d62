"""The moderators' desk in Slack: the real core behind the real app on the real slack-bolt."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bot.assembly.application import Application, application
from bot.assembly.moderating import Moderating, around
from bot.assembly.stores import Stores
from bot.clock import ManualClock
from bot.identity import Person
from bot.policy.cases import ChannelPolicy
from bot.settings import Settings
from bot.telemetry.events import Telemetry
from tests.support.chat_desk import board_of, book_with, enrolled
from tests.support.slack.bot import Heard, make_app, running
from tests.support.slack.doors import Post as Postman
from tests.support.slack.face import SlackFace
from tests.support.slack.model import TEAM, Fault, Json, Post, Workspace
from tests.support.slack.people import Town, User
from tests.support.slack.server import Server

CHANNEL = "CMODS"
CHANNELS = (ChannelPolicy(channel=f"slack:{TEAM}:{CHANNEL}"),)
STAFF = {name: Person("slack", TEAM, f"U{name.upper()}") for name in ("mia", "noah", "lea")}


class SlackDesk:
    """Everybody at the desk is in the channel."""

    def __init__(self, face: SlackFace, moderating: Moderating) -> None:
        self.face = face
        self.app: Application = face.app
        self.clock = face.clock
        self.moderating = moderating
        for name in (*STAFF, "zoe"):
            self.user(name)
            self.workspace.channels[CHANNEL].members.add(f"U{name.upper()}")

    @property
    def workspace(self) -> Workspace:
        return self.face.workspace

    def user(self, name: str) -> User:
        return self.face.user(name)

    async def says(self, user: str, text: str) -> None:
        await self.face.say(user, text)
        await self.follows()

    async def presses(self, moderator: str, press: str) -> str:
        user, before = self.user(moderator), self._answers(moderator)
        modals = len(self.workspace.modals)
        await user.clicks(f"case:{press}")

        def answered() -> bool:
            return len(self._answers(moderator)) > len(before) or len(self.workspace.modals) > modals

        await self.workspace.until(answered)
        await self.follows()
        return self._new(moderator, before)

    async def fills(self, moderator: str, choice: str = "", words: str = "", note: str = "") -> str:
        before = self._answers(moderator)
        answer = await self.user(moderator).submits(choice, words, note)
        if answer.get("errors"):
            await self.follows()
            return " ".join(answer["errors"].values())
        await self.workspace.until(lambda: len(self._answers(moderator)) > len(before))
        await self.follows()
        return self._new(moderator, before)

    async def follows(self) -> None:
        await board_of(self.moderating).look()

    async def heard(self, user: str) -> str:
        return "\n".join(item["text"] for item in await self.face.seen(user) if "text" in item)

    def card(self) -> str:
        return shown(self.posts()[-1].blocks)

    def buttons(self) -> list[str]:
        post = self.posts()[-1]
        return [each["text"]["text"] for block in post.blocks for each in block.get("elements", [])]

    def cards(self) -> int:
        return len(self.posts())

    def posts(self) -> list[Post]:
        return [post for post in self.workspace.posts.get(CHANNEL, []) if post.metadata is not None]

    def cuts(self, when: str) -> None:
        self.workspace.faults.append(Fault("chat.postMessage", cut=when, channel=CHANNEL))

    def loses_the_card(self) -> None:
        self.workspace.posts[CHANNEL].remove(self.posts()[-1])

    def public(self) -> str:
        """Every call that shows something to everybody there."""
        methods = ("chat.postMessage", "chat.update")
        calls = [each.args for each in self.workspace.calls if each.method in methods]
        return json.dumps([args for args in calls if args.get("channel") == CHANNEL])

    def _answers(self, moderator: str) -> list[str]:
        user = self.user(moderator).id
        whispers = [each for each in self.workspace.whispers if (each.user, each.channel) == (user, CHANNEL)]
        return [shown(each.blocks) for each in whispers]

    def _new(self, moderator: str, before: list[str]) -> str:
        return "\n".join(self._answers(moderator)[len(before) :])


def shown(blocks: list[Json]) -> str:
    return "\n".join(block["text"]["text"] for block in blocks if block["type"] == "section")


@asynccontextmanager
async def slack_desk(
    stores: Stores, clock: ManualClock, mode: str = "socket", *, workspace: Workspace | None = None
) -> AsyncIterator[SlackDesk]:
    """``stores`` and ``workspace`` of an earlier run make this one a restart."""
    place = workspace or Workspace(now=clock.now)
    place.add_channel(CHANNEL)
    async with AsyncExitStack() as stack:
        await enrolled(stores, clock, STAFF)
        server = await stack.enter_async_context(Server(place).running())
        slack = make_app(server, mode, clock=clock)
        core = application(
            Settings(),
            [slack.platform],
            clock=clock,
            telemetry=Telemetry(lambda event, fields: None),
            rulebook=book_with(*CHANNELS),
            kept=stores,
        )
        app = await stack.enter_async_context(core)
        assert stores.channels is not None
        surfaces = {"slack": slack.surface}
        moderating = around(app, stores.channels, surfaces, clock, Telemetry(lambda event, fields: None))
        door = await stack.enter_async_context(
            running(server, slack, Heard(), app.intake, mode, presses=moderating.presses)
        )
        yield SlackDesk(SlackFace(app, Town(server, Postman(door)), clock), moderating)
