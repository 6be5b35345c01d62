"""Slack as one of the faces: the few things that scenarios shared by all faces need.

    async with SlackFace(attach) as face:
        await face.say("u1", "...", place="channel")
        await face.choose("u1", "emotional_state:anxiety")
        items = await face.seen("u1")

``attach(platform)`` gives the core's Intake for this face; it is entered before the app starts to listen, left after.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Literal

from adapters.slack import ids
from bot.chat import Intake, Platform
from bot.chat.threads import Threads
from bot.clock import Clock
from tests.support.slack.bot import Heard, make_app, running
from tests.support.slack.doors import Post as Postman
from tests.support.slack.model import BOT_USER, Post, Workspace
from tests.support.slack.people import Town, User
from tests.support.slack.seen import Seen, seen
from tests.support.slack.server import Server

Place = Literal["dm", "channel"]
Attach = Callable[[Platform], AbstractAsyncContextManager[Intake]]
CHANNEL = "CGENERAL"


class SlackFace:
    """``mode``: ``socket`` or ``http``. Users are made when first named; all of them are in one channel."""

    def __init__(
        self,
        attach: Attach,
        *,
        mode: str = "socket",
        clock: Clock | None = None,
        threads: Threads | None = None,
    ) -> None:
        self.workspace = Workspace()
        self.server = Server(self.workspace)
        self.heard = Heard()
        self._attach = attach
        self._mode = mode
        self._clock = clock
        self._threads = threads
        self._stack = AsyncExitStack()
        self._users: dict[str, User] = {}
        self._roots: dict[str, Post] = {}
        self._town: Town | None = None
        self._intake: Intake | None = None

    async def __aenter__(self) -> SlackFace:
        self.workspace.add_channel(CHANNEL)
        await self._stack.enter_async_context(self.server.running())
        app = make_app(self.server, self._mode, clock=self._clock, threads=self._threads)
        self._intake = await self._stack.enter_async_context(self._attach(app.platform))
        door = await self._stack.enter_async_context(running(self.server, app, self.heard, self._intake, self._mode))
        self._town = Town(self.server, Postman(door))
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    def user(self, name: str) -> User:
        """A person, by any name; Slack's own ids are upper case."""
        if name not in self._users:
            assert self._town is not None
            user = User(self._town, f"U{name.upper().removeprefix('U')}")
            self.workspace.channels[CHANNEL].members.add(user.id)
            self._users[name] = user
        return self._users[name]

    async def say(self, user: str, text: str, place: Place = "dm") -> None:
        """Say something and wait until the turn has ended. In the channel: a mention first, then on in that thread."""
        person = self.user(user)
        if place == "dm":
            post = await person.says(text)
        elif user in self._roots:
            post = await person.says(text, CHANNEL, self._roots[user].ts)
        else:
            post = self._roots[user] = await person.says(f"<@{BOT_USER}> {text}", CHANNEL)
        event = f"{post.channel}-{post.ts}" + (f"-{post.root}" if post.root else "")
        await self._finished(f"slack:{self.workspace.team}:{event}")

    async def choose(self, user: str, choice: str) -> None:
        """Press the newest button of this choice that the person sees."""
        person = self.user(user)
        await person.clicks(f"choose:{choice}")
        container, when = person.clicked["container"], person.clicked["actions"][0]["action_ts"]
        root = container.get("thread_ts") or container["message_ts"]
        event = ids.action_id(container["channel_id"], when, root, person.id)
        await self._finished(f"slack:{self.workspace.team}:{event}")

    async def seen(self, user: str) -> list[Seen]:
        """Everything the bot showed the person, without notes that only lead elsewhere."""
        return [item for item in seen(self.workspace, self.user(user).id) if item["kind"] != "pointer"]

    async def _finished(self, turn: str) -> None:
        assert self._intake is not None
        await self._intake.finished(turn)
