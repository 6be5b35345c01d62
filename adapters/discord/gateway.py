"""The connection that events come in by: discord.py's sharded client, keeping nothing of what it hears.

Intents: https://discord.com/developers/docs/events/gateway#gateway-intents
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from typing import Any

import aiohttp
import discord

from adapters.discord.front import Front
from adapters.discord.shards import Shards
from bot.clock import Seconds

_LOG = logging.getLogger(__name__)


def intents(*, content: bool) -> discord.Intents:
    """Servers and messages. ``content`` is privileged; without it, direct messages, mentions and interactions are still
    readable."""
    wanted = discord.Intents.none()
    wanted.guilds = True
    wanted.guild_messages = True
    wanted.dm_messages = True
    wanted.message_content = content
    return wanted


class Gateway(discord.AutoShardedClient):
    """One life of the connection, over as many lost sockets as it takes. ``identify_pause``: Discord takes one new
    session every five seconds."""

    def __init__(
        self,
        front: Front,
        *,
        content: bool,
        shards: Shards | None,
        proxy: str | None,
        connector: aiohttp.BaseConnector | None,
        guild_ready_timeout: Seconds,
        identify_pause: Seconds,
        connected: Callable[[], None],
    ) -> None:
        options: dict[str, object] = {
            "intents": intents(content=content),
            "max_messages": None,
            "member_cache_flags": discord.MemberCacheFlags.none(),
            "chunk_guilds_at_startup": False,
            "allowed_mentions": discord.AllowedMentions.none(),
            "guild_ready_timeout": guild_ready_timeout,
            "proxy": proxy,
            "connector": connector,
        }
        if shards is not None:
            options |= {"shard_ids": shards.ids, "shard_count": shards.total}
        super().__init__(**options)  # type: ignore[arg-type]  # the library's own names and types, by keyword
        self._front = front
        self._identify_pause = identify_pause
        self._connected = connected
        self._busy = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.paused = False

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        if not initial:
            await asyncio.sleep(self._identify_pause)

    async def on_ready(self) -> None:
        _LOG.info("connected to Discord: %d servers, shards %s", len(self.guilds), sorted(self.shards))
        self._connected()

    async def on_shard_ready(self, shard_id: int) -> None:
        await self._front.back(self, shard_id, self.shard_count or 1)

    async def on_message(self, message: discord.Message) -> None:
        with self._at_work():
            await self._front.message(self, message)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Buttons and forms; commands come through the tree."""
        with self._at_work():
            doors = self._front.interactions
            if interaction.type is discord.InteractionType.component:
                await doors.handle(interaction, doors.pressed(interaction))
            elif interaction.type is discord.InteractionType.modal_submit:
                await doors.handle(interaction, doors.submitted(interaction))

    async def on_shard_disconnect(self, shard_id: int) -> None:
        await self._front.catch_up.lost(shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        self._front.catch_up.resumed(shard_id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self._front.added(self, guild.id)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        await self._front.gone(self, guild.id)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """The name of what went wrong; never what was said."""
        error = sys.exc_info()[1]
        self._front.failed()
        _LOG.error("%s failed: %s", event_method, type(error).__name__)

    async def settle(self, deadline: Seconds) -> None:
        """Wait up to ``deadline`` seconds until what came in is claimed."""
        try:
            async with asyncio.timeout(deadline):
                await self._idle.wait()
        except TimeoutError:
            _LOG.warning("%d events were still being taken in", self._busy)

    def _at_work(self) -> _Busy:
        return _Busy(self)

    def begin(self) -> None:
        self._busy += 1
        self._idle.clear()

    def end(self) -> None:
        self._busy -= 1
        if not self._busy:
            self._idle.set()


class _Busy:
    """While inside, ``settle`` waits."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def __enter__(self) -> None:
        self._gateway.begin()

    def __exit__(self, *error: object) -> None:
        self._gateway.end()
