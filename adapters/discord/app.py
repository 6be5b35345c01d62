"""The Discord app: connects, hands events to the core, and can be stopped without losing one."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp
import discord

from adapters.background import Background
from adapters.discord.calls import Refused
from adapters.discord.commands import Tree, register
from adapters.discord.ears import Claims, Ears
from adapters.discord.front import Front
from adapters.discord.gateway import Gateway
from adapters.discord.ids import in_direct_messages
from adapters.discord.kept import Kept
from adapters.discord.locales import KnownLocales
from adapters.discord.moderators import DiscordSurface
from adapters.discord.platform import DiscordPlatform
from adapters.discord.servers import Servers
from adapters.discord.shards import Shards
from adapters.speaking import Lines
from bot.chat.envelopes import Envelopes
from bot.clock import Clock, Seconds
from bot.errors import SettingsError, StoreUnavailable
from bot.identity import Person
from bot.private import Private

_LOG = logging.getLogger(__name__)
_FIRST_PAUSE: Final[Seconds] = 1.0
_LONGEST_PAUSE: Final[Seconds] = 60.0
_BAD_TOKEN: Final = 4_004
Connect = Callable[[], aiohttp.BaseConnector]
Sleep = Callable[[Seconds], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Access:
    """``proxy`` is an HTTP proxy's URL or empty; ``shards`` None lets Discord say how many there are."""

    token: Private[str]
    proxy: str = ""
    shards: Shards | None = None

    def __post_init__(self) -> None:
        if not self.token.reveal().strip():
            raise SettingsError(("DISCORD_TOKEN: expected the bot's token from the developer portal, got nothing",))


@dataclass(frozen=True, slots=True)
class Health:
    """``ready``: events can come in and answers can go out. ``detail`` is fit for an operator."""

    ready: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Timing:
    """``guild_ready``: how long to wait for the list of servers; ``identify``: between the starts of two shards."""

    guild_ready: Seconds = 2.0
    identify: Seconds = 5.0


class DiscordApp:
    """Make it, give ``platform`` to the core, then ``async with app.run(ears)``. One event loop, one run at a time."""

    def __init__(
        self,
        access: Access,
        clock: Clock,
        lines: Lines,
        *,
        kept: Kept | None = None,
        connect: Connect | None = None,
        timing: Timing | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """``lines`` are the policy's phrases; ``kept`` is in memory by default.

        ``connect`` makes each client's connector (tests, special networks)."""
        self._access = access
        self._clock = clock
        self._sleep = sleep
        self._connect = connect
        self._timing = timing or Timing()
        self._kept = kept if kept is not None else Kept.in_memory(clock)
        self._locales = KnownLocales(self._kept.locales, clock)
        self._platform = DiscordPlatform(clock, lines, self._kept.envelopes, self._kept.bookmarks)
        self._gateway: Gateway | None = None
        self._listens = False
        self._paused = False
        self._problem = "not started"

    @property
    def platform(self) -> DiscordPlatform:
        return self._platform

    @property
    def surface(self) -> DiscordSurface:
        """Where cards of cases are posted."""
        return DiscordSurface(self._platform.ways)

    @asynccontextmanager
    async def run(self, ears: Ears | None) -> AsyncIterator[None]:
        """Connected inside. Without ``ears`` nothing is heard: a worker that only sends, by REST.

        Leave it in the task that entered it; call ``pause`` first for a graceful end."""
        quiet()
        self._listens, self._paused = ears is not None, False
        self._platform.user_gone = ears.user_gone if ears is not None else None
        async with self._rest() as rest, Background() as background:
            background.start(self._live(rest, ears, background), "connecting to Discord")
            try:
                yield
            finally:
                # The library swallows a cancellation that meets it while it reconnects: the loop has to be told too.
                self._paused = True
                self._platform.ways.close()
                if self._gateway is not None:
                    await self._gateway.close()

    async def pause(self, deadline: Seconds) -> None:
        """Take no more events, and wait up to ``deadline`` seconds for what is being claimed. Messages still go out."""
        self._paused = True
        if self._gateway is not None:
            await self._gateway.settle(deadline)
            await self._gateway.close()

    async def health(self) -> Health:
        if self._problem:
            return Health(False, self._problem)
        gateway = self._gateway
        if not self._listens:
            return Health(True, "sends only")
        if self._paused:
            return Health(False, "stopping: takes no more events")
        if gateway is None:
            return Health(False, "no connection to Discord's gateway; connecting again")
        lost = sorted(number for number, shard in gateway.shards.items() if shard.is_closed())
        if lost or not gateway.shards:
            return Health(False, f"shards without a connection: {lost or 'all'}; connecting again")
        late = max((latency for _, latency in gateway.latencies if math.isfinite(latency)), default=0.0)
        return Health(True, f"connected, {len(gateway.shards)} shards, heartbeat answered in {late * 1000:.0f} ms")

    @property
    def envelopes(self) -> Envelopes:
        return self._kept.envelopes

    async def erase(self, person: Person) -> int:
        """How this face reaches a person: their language, how far their direct messages were read, shortcuts. Part of
        forgetting them (a :class:`bot.profile.erasure.Holding`, beside the envelopes); returns how many entries."""
        if person.platform != self._platform.name or not person.user.isdecimal():
            return 0
        read = await self._kept.bookmarks.forget(in_direct_messages(int(person.user)))
        return read + await self._locales.forget(person.user) + self._platform.ways.places.forget(person.user)

    # -- connecting ------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _rest(self) -> AsyncIterator[discord.Client]:
        """A client that only calls; connections are closed at the end, also when it never logged in."""
        async with self._connected_by() as connector:
            wanted = discord.Intents.none()
            wanted.guilds = True
            client = discord.Client(
                intents=wanted,
                max_messages=None,
                allowed_mentions=discord.AllowedMentions.none(),
                proxy=self._access.proxy or None,
                connector=connector,
            )
            try:
                yield client
            finally:
                await client.close()

    @asynccontextmanager
    async def _connected_by(self) -> AsyncIterator[aiohttp.BaseConnector]:
        connector = self._connect() if self._connect is not None else aiohttp.TCPConnector(limit=0)
        try:
            yield connector
        finally:
            await connector.close()

    async def _live(self, rest: discord.Client, ears: Ears | None, background: Background) -> None:
        await self._log_in(rest)
        self._platform.ways.open(rest, background)
        if ears is None:
            return
        claims = Claims(ears, self._platform.deliveries, self._sleep)
        brake = self._platform.ways.brake
        servers = Servers(ears, self._kept.workspaces, self._kept.bookmarks, brake, self._sleep)
        front = Front(ears, claims, self._platform, self._kept.threads, self._locales, servers, background, self._clock)
        await front.catch_up.prepare()
        content, pause = await self._may_read(rest), _FIRST_PAUSE
        while not self._paused:
            try:
                await self._listen(front, rest, content=content)
                pause = _FIRST_PAUSE
            except discord.PrivilegedIntentsRequired:
                _LOG.warning("the message-content intent was taken away; going on without it")
                content = False
                continue
            except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as problem:
                self._problem = _explained(problem)
                _LOG.warning("%s; connecting again in %.0f s", self._problem, pause)
            await self._sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _log_in(self, rest: discord.Client) -> None:
        """Until Discord says who we are: the process may start while Discord is away."""
        pause = _FIRST_PAUSE
        while True:
            self._problem = self._problem or "connecting"
            try:
                with self._platform.ways.brake.calling("logging in"):
                    await rest.login(self._access.token.reveal())
            except (Refused, discord.LoginFailure) as problem:
                self._problem = _explained(problem)
                _LOG.warning("%s; trying again in %.0f s", self._problem, pause)
                await self._sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            self._problem = ""
            return

    async def _may_read(self, rest: discord.Client) -> bool:
        """Whether the application was granted the message-content intent."""
        try:
            with self._platform.ways.brake.calling("reading the application"):
                flags = (await rest.application_info()).flags
        except Refused as refusal:
            _LOG.warning("%s; going on without the message-content intent", refusal)
            return False
        return flags.gateway_message_content or flags.gateway_message_content_limited

    async def _listen(self, front: Front, rest: discord.Client, *, content: bool) -> None:
        """Until the connection is closed for good. Raises discord.DiscordException and errors of the network."""
        async with self._connected_by() as connector:
            gateway = Gateway(
                front,
                content=content,
                shards=self._access.shards,
                proxy=self._access.proxy or None,
                connector=connector,
                guild_ready_timeout=self._timing.guild_ready,
                identify_pause=self._timing.identify,
                connected=self._connected,
            )
            tree = Tree(gateway, front.interactions)
            self._gateway = gateway
            try:
                await gateway.login(self._access.token.reveal())
                await self._register(tree, rest)
                await gateway.connect()
            finally:
                await gateway.close()
                self._gateway = None

    async def _register(self, tree: Tree, rest: discord.Client) -> None:
        """By the process with the first shard, for all."""
        shards = self._access.shards
        if rest.application_id is None or (shards is not None and shards.first):
            return
        try:
            await register(tree, self._kept.registrations, self._platform.ways.brake, rest.application_id)
        except (Refused, StoreUnavailable, discord.DiscordException) as problem:
            _LOG.warning("the commands could not be registered: %s", problem)

    def _connected(self) -> None:
        self._problem = ""


def quiet() -> None:
    """The library's debug lines hold what people write, and we have no voice to warn about."""
    logging.getLogger("discord").setLevel(logging.INFO)
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def _explained(problem: BaseException) -> str:
    if isinstance(problem, discord.LoginFailure) or (
        isinstance(problem, discord.ConnectionClosed) and problem.code == _BAD_TOKEN
    ):
        return "Discord does not know the token: check DISCORD_TOKEN"
    if isinstance(problem, discord.ConnectionClosed):
        return f"Discord closed the connection (code {problem.code})"
    if isinstance(problem, Refused):
        return str(problem)
    return f"Discord cannot be reached ({type(problem).__name__})"
