"""Slack as one of the faces: the real core behind the real app, spoken to as people in a workspace do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import cast

from adapters.slack import ids
from bot.assembly.application import Application, application
from bot.clock import ManualClock
from bot.conversation.forgettable import KnownNow
from bot.llm import Provider
from bot.settings import Settings
from bot.telemetry.events import Telemetry
from tests.support.face import Seen
from tests.support.policies import rulebook
from tests.support.slack.bot import Heard, make_app, running
from tests.support.slack.doors import Post as Postman
from tests.support.slack.model import BOT_USER, Post, Workspace
from tests.support.slack.people import Town, User
from tests.support.slack.seen import seen
from tests.support.slack.server import Server

CHANNEL = "CGENERAL"


class SlackFace:
    """Users are made when first named, and come into the channel when they first speak there: with a mention, then on
    in that thread. A command is ``/raise``."""

    def __init__(self, app: Application, town: Town, clock: ManualClock) -> None:
        self.app = app
        self.clock = clock
        self.town = town
        self._users: dict[str, User] = {}
        self._roots: dict[str, Post] = {}

    @property
    def workspace(self) -> Workspace:
        return self.town.workspace

    def user(self, name: str) -> User:
        """A person, by any name; Slack's own ids are upper case."""
        if name not in self._users:
            self._users[name] = User(self.town, f"U{name.upper()}")
        return self._users[name]

    async def say(self, user: str, text: str, place: str = "dm", *, event: str | None = None) -> None:
        self.clock.advance(1)
        post = await (self._in_private(user, text) if place == "dm" else self._in_public(user, text))
        await self._finished(ids.message_id(post.channel, post.ts, post.root))

    async def choose(self, user: str, choice: str) -> None:
        """Press the newest button of this choice that the person sees."""
        self.clock.advance(1)
        person = self.user(user)
        await person.clicks(f"choose:{choice}")
        container, when = person.clicked["container"], person.clicked["actions"][0]["action_ts"]
        root = container.get("thread_ts") or container["message_ts"]
        await self._finished(ids.action_id(container["channel_id"], when, root, person.id))

    async def command(self, user: str, words: str) -> None:
        self.clock.advance(1)
        person = self.user(user)
        await person.slash(words.removeprefix("/"))
        await self._finished(ids.command_id(person.commanded["trigger_id"]))

    async def seen(self, user: str) -> list[Seen]:
        """Everything the bot showed the person, without notes that only lead elsewhere."""
        items = seen(self.workspace, self.user(user).id)
        return cast("list[Seen]", [item for item in items if item["kind"] != "pointer"])

    async def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)

    async def _in_private(self, user: str, text: str) -> Post:
        return await self.user(user).says(text)

    async def _in_public(self, user: str, text: str) -> Post:
        person = self.user(user)
        self.workspace.channels[CHANNEL].members.add(person.id)
        if user in self._roots:
            return await person.says(text, CHANNEL, self._roots[user].ts)
        self._roots[user] = await person.says(f"<@{BOT_USER}> {text}", CHANNEL)
        return self._roots[user]

    async def _finished(self, event: str) -> None:
        await self.app.intake.finished(f"slack:{self.workspace.team}:{event}")


@asynccontextmanager
async def slack_face(
    mode: str = "socket", *, provider: Provider | None = None, settings: Settings | None = None
) -> AsyncIterator[SlackFace]:
    """``mode``: ``socket`` or ``http``."""
    clock = ManualClock()
    workspace = Workspace(now=clock.now)
    workspace.add_channel(CHANNEL)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(Server(workspace).running())
        slack = make_app(server, mode, clock=clock)
        core = application(
            settings or Settings(),
            [slack.platform],
            clock=clock,
            telemetry=Telemetry(lambda event, fields: None),
            provider=provider,
            rulebook=rulebook(model_reads=provider is not None) if settings is None else None,
        )
        app = await stack.enter_async_context(core)
        heard = Heard(known=KnownNow(app.stores.profiles, app.rules, clock))
        door = await stack.enter_async_context(running(server, slack, heard, app.intake, mode))
        yield SlackFace(app, Town(server, Postman(door)), clock)
