"""A Slack workspace in memory, as close to Slack's own model as the adapter can tell: messages by channel and ts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
BOT_USER = "UBOT"
BOT = "B1"
APP = "A1"
TEAM = "T1"
TOKEN = "xoxb-1"  # a test's own
APP_TOKEN = "xapp-1"
SECRET = "a test's signing secret"
ALL_SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "chat:write",
    "commands",
    "files:write",
    "groups:history",
    "im:history",
    "im:write",
    "users:read",
)


@dataclass
class Member:
    """``team`` differs from the workspace's for guests from elsewhere (Slack Connect)."""

    id: str
    team: str = TEAM
    locale: str = "en-US"


@dataclass
class Channel:
    """``user`` is the other side of a direct message, empty for a channel."""

    id: str
    members: set[str]
    user: str = ""
    archived: bool = False


@dataclass
class Post:
    """A message. ``recipient`` and ``stream`` describe one that grows: open, stopped or ended by Slack."""

    ts: str
    channel: str
    user: str
    text: str
    root: str = ""
    blocks: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    files: list[Json] = field(default_factory=list)
    stream: str = ""
    recipient: str = ""
    edited: bool = False

    def shown(self) -> str:
        """All text of the message, as read on the screen; invisible characters are not read."""
        parts = [block["text"] for block in self.blocks if block["type"] == "markdown"]
        return ("".join(parts) if parts else self.text).replace("\u200b", "")


@dataclass
class Whisper:
    """A message only one person sees, until they reload."""

    ts: str
    channel: str
    user: str
    text: str
    root: str
    blocks: list[Json]


@dataclass
class Modal:
    id: str
    user: str
    view: Json
    open: bool = True
    errors: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One call of the Web API. ``process`` tells the callers apart (the first part of the path of its base URL)."""

    process: str
    method: str
    args: Json
    token: str = ""


@dataclass
class Fault:
    """What goes wrong with the next ``times`` calls of ``method`` (in ``channel``, where given): an ``error`` of Slack,
    a 429 with ``retry_after``, or a connection cut ``before`` or ``after`` the call was carried out."""

    method: str
    error: str = ""
    retry_after: float | None = None
    cut: str = ""
    channel: str = ""
    times: int = 1


class SlackError(Exception):
    """An answer with ``ok: false``."""


class Workspace:
    """Everything that exists in one workspace. ``changed`` wakes whoever waits for something to be seen; ``now`` is the
    time by Slack's clock."""

    def __init__(self, team: str = TEAM, now: Callable[[], float] = time.time) -> None:
        self.team = team
        self.now = now
        self.enterprise = ""
        self.members: dict[str, Member] = {}
        self.channels: dict[str, Channel] = {}
        self.posts: dict[str, list[Post]] = {}
        self.whispers: list[Whisper] = []
        self.modals: dict[str, Modal] = {}
        self.homes: dict[str, Json] = {}
        self.status: dict[tuple[str, str], str] = {}
        self.prompts: dict[str, list[Json]] = {}
        self.tokens: dict[str, tuple[str, ...]] = {TOKEN: ALL_SCOPES}
        self.triggers: dict[str, tuple[str, float]] = {}
        self.uploads: dict[str, Json] = {}
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.agents = True
        self.streams = True
        self.codes: dict[str, Json] = {}
        self.client: tuple[str, str] | None = None
        self.manifest: Json = {}
        self.changed = asyncio.Condition()
        self._number = 0
        self._last = 0.0

    def ts(self) -> str:
        """Rising and unique, about now."""
        self._last = max(self._last + 0.000001, self.now())
        return f"{self._last:.6f}"

    def number(self) -> int:
        self._number += 1
        return self._number

    def trigger(self, user: str) -> str:
        """What a click gives the app to open a modal with, for 3 s."""
        trigger = f"{self.number()}.42.trigger"
        self.triggers[trigger] = (user, time.monotonic())
        return trigger

    def add_member(self, user: str, team: str | None = None, locale: str = "en-US") -> Member:
        return self.members.setdefault(user, Member(user, team or self.team, locale))

    def add_channel(self, channel: str, *users: str, bot: bool = True) -> Channel:
        members = {*users, *([BOT_USER] if bot else [])}
        for user in users:
            self.add_member(user)
        return self.channels.setdefault(channel, Channel(channel, members))

    def direct(self, user: str) -> Channel:
        """The direct messages between a person and the bot."""
        return self.channels.setdefault(f"D{user}", Channel(f"D{user}", {user, BOT_USER}, user))

    def put(self, post: Post) -> Post:
        self.posts.setdefault(post.channel, []).append(post)
        return post

    def find(self, channel: str, ts: str) -> Post | None:
        return next((post for post in self.posts.get(channel, []) if post.ts == ts), None)

    def thread(self, channel: str, root: str) -> list[Post]:
        return [post for post in self.posts.get(channel, []) if post.ts == root or post.root == root]

    def by_bot(self) -> list[Post]:
        """Everything the bot posted, in order, in all channels."""
        return sorted(
            (post for posts in self.posts.values() for post in posts if post.user == BOT_USER), key=lambda p: p.ts
        )

    async def stir(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def until(self, happened: Any, seconds: float = 10.0) -> Any:
        """Wait until ``happened()`` is true, and return what it gave."""
        async with asyncio.timeout(seconds), self.changed:
            while not (found := happened()):
                await self.changed.wait()
            return found
