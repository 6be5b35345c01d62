"""How far each conversation was read, and reading on from there when a connection begins anew.

Discord sends again what was missed only to a session that is resumed. A process that died, or a session that Discord
gave up, misses messages: so the places where people talk with the bot are read on from the last message taken in. What
was taken in already is recognised by its id.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import discord
from cachetools import LRUCache

from adapters.discord import ids
from adapters.discord.calls import Brake, Refused, patience
from bot.clock import Clock, Seconds
from bot.errors import StoreUnavailable

_LOG = logging.getLogger(__name__)
_KEEP: Final = 20_000
_DAY: Final[Seconds] = 86_400.0
_OVERLAP: Final[Seconds] = 60.0
"""Messages are taken in side by side, so one before the last may be missing too."""
_MOST: Final = 100
_WRITE_EVERY: Final[Seconds] = 1.0
_COLUMNS: Final = 4


@dataclass(frozen=True, slots=True)
class Bookmark:
    """``message`` is the last one taken in, in ``channel`` of ``guild`` (0: the direct messages of ``user``)."""

    channel: int
    guild: int
    message: int
    user: int = 0


class Bookmarks(Protocol):
    """Ids only. Should last over restarts. All methods raise StoreUnavailable."""

    async def mark(self, bookmark: Bookmark) -> None:
        """In place of the channel's earlier one."""
        ...

    async def since(self, at: Seconds) -> Sequence[Bookmark]:
        """Those whose message was written after this moment."""
        ...

    async def forget(self, user: int) -> int:
        """Those of the person's direct messages; returns how many."""
        ...


class MemoryBookmarks:
    """For one process: enough for sessions that Discord gave up, not for a process that died."""

    def __init__(self) -> None:
        self._kept: LRUCache[int, Bookmark] = LRUCache(_KEEP)

    async def mark(self, bookmark: Bookmark) -> None:
        self._kept[bookmark.channel] = bookmark

    async def since(self, at: Seconds) -> Sequence[Bookmark]:
        return [each for each in self._kept.values() if ids.moment(each.message) > at]

    async def forget(self, user: int) -> int:
        theirs = [each.channel for each in self._kept.values() if user and each.user == user]
        return sum(self._kept.pop(channel, None) is not None for channel in theirs)

    def all(self) -> list[Bookmark]:
        """Oldest first."""
        return list(self._kept.values())


class FileBookmarks:
    """In one file of the state folder, for one process at a time. Written at most once a second: what a crash takes
    away is read again, and recognised."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._file = folder / "discord-bookmarks"
        self._clock = clock
        self._memory: MemoryBookmarks | None = None
        self._written_at: Seconds = 0.0
        self._lock = asyncio.Lock()

    async def mark(self, bookmark: Bookmark) -> None:
        async with self._lock:
            memory = await self._opened()
            await memory.mark(bookmark)
            if self._clock.now() - self._written_at >= _WRITE_EVERY:
                await self._write(memory)

    async def since(self, at: Seconds) -> Sequence[Bookmark]:
        async with self._lock:
            return await (await self._opened()).since(at)

    async def forget(self, user: int) -> int:
        async with self._lock:
            memory = await self._opened()
            gone = await memory.forget(user)
            await self._write(memory)
            return gone

    async def _opened(self) -> MemoryBookmarks:
        if self._memory is None:
            memory = MemoryBookmarks()
            for bookmark in await asyncio.to_thread(self._read):
                await memory.mark(bookmark)
            self._memory = memory
        return self._memory

    def _read(self) -> list[Bookmark]:
        try:
            lines = self._file.read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as problem:
            raise StoreUnavailable(f"{self._file} cannot be read: {type(problem).__name__}") from None
        rows = [line.split() for line in lines]
        return [Bookmark(*map(int, row)) for row in rows if len(row) == _COLUMNS and all(map(str.isdecimal, row))]

    async def _write(self, memory: MemoryBookmarks) -> None:
        text = "".join(f"{each.channel} {each.guild} {each.message} {each.user}\n" for each in memory.all())
        await asyncio.to_thread(self._replace, text)
        self._written_at = self._clock.now()

    def _replace(self, text: str) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            beside = self._file.with_suffix(".new")
            beside.write_text(text, encoding="ascii")
            beside.replace(self._file)
        except OSError as problem:
            raise StoreUnavailable(f"{self._file} cannot be written: {problem.strerror}") from None


Take = Callable[[discord.Message], Awaitable[None]]


class CatchUp:
    """Reads on. ``take`` gets every message missed, oldest first within a channel."""

    def __init__(self, bookmarks: Bookmarks, brake: Brake, clock: Clock) -> None:
        self._bookmarks = bookmarks
        self._brake = brake
        self._clock = clock

    async def mark(self, message: discord.Message) -> None:
        guild = message.guild.id if message.guild is not None else 0
        try:
            user = message.author.id if not guild else 0
            await self._bookmarks.mark(Bookmark(message.channel.id, guild, message.id, user))
        except StoreUnavailable as problem:
            _LOG.info("a bookmark was not kept: %s", problem)

    async def read_on(self, client: discord.Client, shard: int, shards: int, take: Take) -> None:
        """Everything that the shard missed during the last day."""
        try:
            bookmarks = await self._bookmarks.since(self._clock.now() - _DAY)
        except StoreUnavailable as problem:
            _LOG.warning("messages missed while away were not looked for: %s", problem)
            return
        for bookmark in bookmarks:
            if (bookmark.guild >> 22) % shards == shard:
                try:
                    missed = await self._missed(client, bookmark)
                except Refused as refusal:
                    _LOG.info("a place could not be read: %s", refusal)
                    continue
                for message in missed:
                    await take(message)

    async def _missed(self, client: discord.Client, bookmark: Bookmark) -> list[discord.Message]:
        known = client.get_channel(bookmark.channel)
        partial = client.get_partial_messageable(bookmark.channel, guild_id=bookmark.guild or None)
        target = known if isinstance(known, discord.TextChannel | discord.Thread | discord.VoiceChannel) else partial
        after = discord.Object(bookmark.message - (int(_OVERLAP * 1000) << 22))
        with self._brake.calling("reading what was missed"):
            async with patience():
                return [each async for each in target.history(limit=_MOST, after=after, oldest_first=True)]
