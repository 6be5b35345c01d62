"""Reading on from where each place was left, when a connection begins anew.

Discord sends again what was missed only to a session that is resumed. A process that died, or a session that Discord
gave up, misses messages. So places where people talk with the bot are read on from the last message taken in, and
channels where something was written meanwhile are looked through for mentions. What was taken in already is recognised
by its id. A bot cannot ask Discord for its list of direct messages (it is empty for bots): somebody who wrote to it for
the first time while it was away is found with their next message.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final
from weakref import WeakValueDictionary

import discord
from cachetools import LRUCache

from adapters.discord import ids
from adapters.discord.calls import Brake, Refused, patience
from bot.chat.bookmarks import Bookmark, Bookmarks
from bot.clock import Clock, Seconds
from bot.errors import StoreUnavailable

_LOG = logging.getLogger(__name__)
_KEEP: Final = 50_000
_DAY: Final[Seconds] = 86_400.0
_OVERLAP: Final[Seconds] = 60.0
"""Messages are taken in side by side, so one before the last may be missing too."""
_MOST: Final = 500
"""Messages of one place."""
_LATEST: Final = 50
"""Messages before the first one that somebody writes to us."""
_PLACES: Final = 5_000
"""Places read on after one connection, those with the latest messages first."""
_NEW_PLACES: Final = 200
"""Channels without a bookmark that are looked through after one connection."""

Take = Callable[[discord.Message], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Left:
    """How things stood when a shard stopped hearing: the bookmarks, and the last moment known to be heard."""

    bookmarks: Sequence[Bookmark]
    at: Seconds


class CatchUp:
    """One per running app."""

    def __init__(self, bookmarks: Bookmarks, brake: Brake, clock: Clock) -> None:
        self._bookmarks = bookmarks
        self._brake = brake
        self._clock = clock
        self._left: dict[int, _Left] = {}
        self._before: _Left | None = None
        self._met: LRUCache[int, None] = LRUCache(_KEEP)
        self._meeting: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    # -- bookmarks -------------------------------------------------------------------------------------------------

    async def mark(self, message: discord.Message) -> None:
        """The message was taken in."""
        bookmark = _bookmark(message.channel.id, message.guild, message.id, message.author.id)
        try:
            await self._bookmarks.mark(bookmark)
        except StoreUnavailable as problem:
            _LOG.info("a bookmark was not kept: %s", problem)

    async def meet(self, channel: int, event: int, user: int) -> None:
        """The person's direct messages are there, and nothing before ``event`` needs to be read."""
        if channel in self._met:
            return
        try:
            await self._bookmarks.meet(_bookmark(channel, None, event, user))
        except StoreUnavailable as problem:
            _LOG.info("a bookmark was not kept: %s", problem)
        else:
            self._met[channel] = None

    # -- connections -----------------------------------------------------------------------------------------------

    async def prepare(self) -> None:
        """Before the first connection: remember how an earlier process left things."""
        self._before = await self._now()

    async def lost(self, shard: int) -> None:
        """The shard hears nothing for now."""
        if shard not in self._left:
            left = await self._now()
            self._left[shard] = _Left(left.bookmarks, self._clock.now())

    def resumed(self, shard: int) -> None:
        """Discord sends what was missed."""
        self._left.pop(shard, None)

    async def read_on(self, client: discord.AutoShardedClient, shard: int, shards: int, take: Take) -> None:
        """Everything that the shard missed: in direct messages, and during the last day in servers."""
        left = self._left.pop(shard, None) or self._before or await self._now()
        async for place in self._places(client, left, shard, shards):
            try:
                missed = await self._history(*place)
            except Refused as refusal:
                _LOG.info("a place could not be read: %s", refusal)
                continue
            for message in missed:
                await take(message)

    async def before(self, client: discord.Client, message: discord.Message) -> list[discord.Message] | None:
        """What was said in direct messages that are new to us before this message, the latest first; None where they
        are known."""
        channel = message.channel.id
        meeting = self._meeting.setdefault(channel, asyncio.Lock())
        async with meeting:
            if channel in self._met:
                return None
            try:
                known = await self._bookmarks.of(str(channel)) is not None
                found = None if known else await self._history_before(client, message)
            except (StoreUnavailable, Refused) as problem:
                _LOG.info("earlier direct messages were not looked for: %s", problem)
                return None
            self._met[channel] = None
        return found

    def unanswered(self, before: Sequence[discord.Message], user: int) -> list[discord.Message]:
        """What the person wrote there during the last day and nobody answered, oldest first: somebody's first message
        may have come while nobody listened."""
        day_ago = ids.snowflake(self._clock.now() - _DAY)
        theirs = takewhile(lambda each: each.author.id == user and each.id > day_ago, before)
        return list(theirs)[::-1]

    # -- reading ---------------------------------------------------------------------------------------------------

    async def _now(self) -> _Left:
        try:
            known = await self._bookmarks.since(0.0, _PLACES)
        except StoreUnavailable as problem:
            _LOG.warning("how far things were read is not known: %s", problem)
            known = ()
        return _Left(known, known[0].at if known else self._clock.now())

    async def _places(
        self, client: discord.AutoShardedClient, left: _Left, shard: int, shards: int
    ) -> AsyncIterator[tuple[discord.abc.Messageable, int]]:
        """Each place to read, and after which message."""
        day_ago = ids.snowflake(self._clock.now() - _DAY)
        for each in left.bookmarks:
            guild = ids.workspace_number(each.workspace)
            if (guild >> 22) % shards != shard:
                continue
            known = client.get_channel(int(each.channel))
            last = getattr(known, "last_message_id", None)
            if last is not None and last <= int(each.message):
                continue
            target = known if isinstance(known, discord.TextChannel | discord.Thread | discord.VoiceChannel) else None
            after = _before(int(each.message)) if not guild else max(_before(int(each.message)), day_ago)
            yield target or client.get_partial_messageable(int(each.channel), guild_id=guild or None), after
        after = max(_before(ids.snowflake(left.at)), day_ago)
        marked = {each.channel for each in left.bookmarks}
        new = (each for each in _channels(client, shard) if str(each.id) not in marked)
        written = [each for each in new if (each.last_message_id or 0) > after]
        for channel in written[:_NEW_PLACES]:
            yield channel, after

    async def _history(self, target: discord.abc.Messageable, after: int) -> list[discord.Message]:
        with self._brake.calling("reading what was missed"):
            async with patience():
                read = target.history(limit=_MOST, after=discord.Object(after), oldest_first=True)
                return [each async for each in read]

    async def _history_before(self, client: discord.Client, message: discord.Message) -> list[discord.Message]:
        target = client.get_partial_messageable(message.channel.id)
        with self._brake.calling("reading earlier direct messages"):
            async with patience():
                return [each async for each in target.history(limit=_LATEST, before=message)]


def _channels(client: discord.AutoShardedClient, shard: int) -> list[discord.TextChannel | discord.Thread]:
    """Those of the shard's servers that may be read."""
    found: list[discord.TextChannel | discord.Thread] = []
    for guild in client.guilds:
        if guild.shard_id == shard and not guild.unavailable:
            found += guild.text_channels
            found += guild.threads
    return [each for each in found if each.permissions_for(each.guild.me).is_superset(_READABLE)]


_READABLE: Final = discord.Permissions(view_channel=True, read_message_history=True)


def _before(message: int) -> int:
    return message - (int(_OVERLAP * 1000) << 22)


def _bookmark(channel: int, guild: discord.Guild | None, message: int, user: int) -> Bookmark:
    workspace = str(guild.id) if guild is not None else ""
    person = ids.in_direct_messages(user) if guild is None else None
    return Bookmark(str(channel), workspace, str(message), ids.moment(message), person)
