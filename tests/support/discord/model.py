"""The world behind the test server: servers, channels, people, messages, interactions. Strict where Discord is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

from bot.clock import Clock, Seconds

T = TypeVar("T")
Json = dict[str, Any]
TOKEN = "test-token"
APPLICATION = 100
BOT = 100
EVERYTHING = (1 << 50) - 1 - 8  # every permission but that of an administrator
_EPOCH = 1_420_070_400_000
_NONCE_LIFE: Seconds = 180.0
_TOKEN_LIFE: Seconds = 900.0


@dataclass
class Channel:
    """``user`` is set for direct messages; ``parent`` for threads. ``refusal`` is the code that sending fails with."""

    id: int
    guild: int = 0
    user: int = 0
    parent: int = 0
    refusal: int = 0
    permissions: int = EVERYTHING

    @property
    def kind(self) -> int:
        return 1 if self.user else 11 if self.parent else 0


@dataclass
class Post:
    """``only`` is the one person who sees an ephemeral message, else 0. ``waits``: "thinking" is shown. ``first`` are
    the components it had at first. ``by_bot``: of another bot; ``webhook``: by one."""

    id: int
    channel: int
    author: int
    content: str
    components: list[Json] = field(default_factory=list)
    first: list[Json] = field(default_factory=list)
    flags: int = 0
    nonce: str = ""
    reply_to: int = 0
    only: int = 0
    files: list[str] = field(default_factory=list)
    reactions: list[str] = field(default_factory=list)
    history: list[str] = field(default_factory=list)
    waits: bool = False
    interaction: int = 0
    by_bot: bool = False
    webhook: int = 0

    @property
    def panel(self) -> bool:
        return bool(self.flags & 32_768)

    def shown(self) -> str:
        """All text, wherever it stands."""
        return self.content if not self.panel else "\n".join(texts(self.components))


def texts(components: list[Json]) -> list[str]:
    found = []
    for each in components:
        if each["type"] == 10:
            found.append(each["content"])
        found += texts(each.get("components", []))
    return found


def controls(components: list[Json]) -> list[Json]:
    """Buttons, lists and fields, at any depth."""
    found = []
    for each in components:
        if "custom_id" in each:
            found.append(each)
        found += controls(each.get("components", []))
        if "component" in each:
            found += controls([each["component"]])
    return found


@dataclass
class Interaction:
    """``state``: open, deferred (an original answer is awaited), answered, modal."""

    id: int
    token: str
    user: int
    channel: int
    guild: int
    kind: int
    message: int = 0
    state: str = "open"
    original: int = 0
    modal: Json | None = None
    answer: Json | None = None


@dataclass
class Fault:
    """What happens to the next request whose "METHOD path" holds ``match``: refused, or the connection is ``cut``
    ``before`` or ``after`` it took effect."""

    match: str
    status: int = 0
    code: int = 0
    retry_after: float | None = None
    cut: str = ""
    times: int = 1


class Refusal(Exception):  # noqa: N818 - said by Discord
    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class World:
    """``changed`` is set again whenever anything happens, for ``until``."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.guilds: dict[int, str] = {}
        self.unavailable: set[int] = set()
        """Servers in an outage."""
        self.preferred_locale = "en-US"
        self.channels: dict[int, Channel] = {}
        self.users: dict[int, str] = {}
        self.deleted_users: set[int] = set()
        self.closed_dms: set[int] = set()
        self.posts: dict[int, Post] = {}
        self.interactions: dict[int, Interaction] = {}
        self.typing: list[int] = []
        self.told: list[Post] = []
        """Messages of the bot that the gateway has not told it about yet."""
        self.commands: list[Json] = []
        self.registrations = 0
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self.mentions_allowed: list[object] = []
        self.flags = 0
        self.info: Json = {}
        self._numbers = count(1)
        self._nonces: dict[str, tuple[int, Seconds]] = {}
        self._changed = asyncio.Event()

    # -- making things ---------------------------------------------------------------------------------------------

    def snowflake(self) -> int:
        number = next(self._numbers)
        return (int(self.clock.now() * 1000) - _EPOCH << 22) | (number & 0x3FFFFF)

    def guild(self, guild: int) -> int:
        self.guilds[guild] = f"server {guild}"
        return guild

    def channel(self, channel: int, guild: int, parent: int = 0) -> Channel:
        self.guild(guild)
        made = self.channels[channel] = Channel(channel, guild, parent=parent)
        return made

    def user(self, user: int, name: str) -> int:
        self.users[user] = name
        return user

    def direct(self, user: int) -> Channel:
        known = next((each for each in self.channels.values() if each.user == user), None)
        if known is None:
            known = Channel(user + 1_000_000, user=user)
            self.channels[known.id] = known
        return known

    def put(self, post: Post) -> Post:
        self.posts[post.id] = post
        post.first = post.components
        if post.author == BOT and not post.only:
            self.told.append(post)
        self.touch()
        return post

    # -- what Discord checks ---------------------------------------------------------------------------------------

    def sendable(self, channel: int) -> Channel:
        found = self.channels.get(channel)
        if found is None:
            raise Refusal(404, 10_003, "Unknown Channel")
        if found.user in self.deleted_users:
            raise Refusal(403, 50_007, "Cannot send messages to this user")
        if found.user and found.user in self.closed_dms:
            raise Refusal(403, 50_007, "Cannot send messages to this user")
        if found.refusal:
            raise Refusal(403, found.refusal, "Missing Permissions")
        return found

    def same_nonce(self, nonce: str) -> Post | None:
        """The message sent with this nonce in the past few minutes."""
        known = self._nonces.get(nonce)
        if known is None or self.clock.now() - known[1] > _NONCE_LIFE:
            return None
        if known[0] not in self.posts:
            raise Refusal(404, 10_008, "Unknown Message")
        return self.posts[known[0]]

    def remember_nonce(self, nonce: str, post: int) -> None:
        self._nonces[nonce] = (post, self.clock.now())

    def expired(self, interaction: Interaction) -> bool:
        made = ((interaction.id >> 22) + _EPOCH) / 1000
        return self.clock.now() - made > _TOKEN_LIFE

    # -- looking ---------------------------------------------------------------------------------------------------

    def visible(self, user: int) -> list[Post]:
        """What a person can see, oldest first."""
        return [
            post
            for post in sorted(self.posts.values(), key=lambda post: post.id)
            if post.only in (0, user) and self.channels[post.channel].user in (0, user)
        ]

    def by_bot(self, channel: int = 0) -> list[Post]:
        return [post for post in self.posts.values() if post.author == BOT and channel in (0, post.channel)]

    def touch(self) -> None:
        self._changed.set()

    async def until(self, probe: Callable[[], T], patience: Seconds = 10.0) -> T:
        """Wait until ``probe`` gives something true."""
        async with asyncio.timeout(patience):
            while not (found := probe()):
                self._changed.clear()
                await self._changed.wait()
        return found
