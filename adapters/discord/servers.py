"""Servers the bot was added to, so that a removal it was not told of is noticed: while it was away Discord says nothing
about it afterwards. What a removed server leaves behind is deleted."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

import discord

from adapters.discord.calls import NO_ACCESS, UNKNOWN_GUILD, Brake, Refused, patience
from adapters.discord.ears import Ears
from bot.chat.bookmarks import Bookmarks
from bot.chat.workspaces import Workspaces
from bot.clock import Seconds
from bot.errors import StoreUnavailable

_LOG = logging.getLogger(__name__)
_PAUSES: Final[tuple[Seconds, ...]] = (1.0, 10.0, 60.0, 300.0, 900.0)
_LISTING: Final[Seconds] = 300.0
"""A list comes in pages of 200."""
Sleep = Callable[[Seconds], Awaitable[None]]


class Servers:
    """One per running app."""

    def __init__(self, ears: Ears, workspaces: Workspaces, bookmarks: Bookmarks, brake: Brake, sleep: Sleep) -> None:
        self._ears = ears
        self._workspaces = workspaces
        self._bookmarks = bookmarks
        self._brake = brake
        self._sleep = sleep

    async def joined(self, client: discord.Client, guild: int) -> None:
        await self._keep(client, [guild])

    async def gone(self, client: discord.Client, guild: int) -> None:
        """The bot was removed: everything about the server goes. Until that is done the server stays on record, so that
        a process which dies over it finds it again."""
        for pause in _PAUSES:
            try:
                await self._forget(client, guild)
            except StoreUnavailable:
                await self._sleep(pause)
            else:
                return
        await self._forget(client, guild)

    async def compare(self, client: discord.Client, shard: int, shards: int) -> None:
        """Which of the shard's servers on record the bot is no longer in. Each is asked for by itself before anything
        is deleted: one that is only unavailable is still there."""
        try:
            known = await self._workspaces.joined(str(client.application_id))
            now = {guild for guild in await self._list(client) if (guild >> 22) % shards == shard}
        except (StoreUnavailable, Refused) as problem:
            _LOG.warning("whether the bot was removed from a server was not found out: %s", problem)
            return
        await self._keep(client, sorted(guild for guild in now if str(guild) not in known))
        for guild in sorted(map(int, known)):
            if (guild >> 22) % shards == shard and guild not in now and await self._left(client, guild):
                _LOG.info("the bot was removed from a server while it was away; deleting what it kept about it")
                await self.gone(client, guild)

    async def _list(self, client: discord.Client) -> list[int]:
        with self._brake.calling("listing servers"):
            async with patience(_LISTING):
                return [guild.id async for guild in client.fetch_guilds(limit=None, with_counts=False)]

    async def _left(self, client: discord.Client, guild: int) -> bool:
        try:
            with self._brake.calling("looking for a server"):
                async with patience():
                    await client.fetch_guild(guild, with_counts=False)
        except Refused as refusal:
            return refusal.code in (UNKNOWN_GUILD, NO_ACCESS)
        return False

    async def _keep(self, client: discord.Client, guilds: list[int]) -> None:
        try:
            await self._workspaces.join(str(client.application_id), map(str, guilds))
        except StoreUnavailable as problem:
            _LOG.warning("a server was not put on record: %s", problem)

    async def _forget(self, client: discord.Client, guild: int) -> None:
        await self._ears.workspace_gone(str(guild))
        await self._bookmarks.leave(str(guild))
        await self._workspaces.leave(str(client.application_id), str(guild))
