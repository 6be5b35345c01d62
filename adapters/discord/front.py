"""What happens with each message until it is claimed: whether it is for the bot, whose it is, and what if it cannot be
taken in. Nothing here thinks: the core does that later."""

from __future__ import annotations

import logging
from functools import partial

import discord
from cachetools import LRUCache

from adapters.background import Background
from adapters.discord import escape, ids, lately, translate, words
from adapters.discord.ears import MESSAGE_PAUSES, Claims, Count, Ears
from adapters.discord.interactions import Interactions
from adapters.discord.locales import KnownLocales
from adapters.discord.platform import DiscordPlatform
from adapters.discord.servers import Servers
from adapters.discord.shapes import Message, Skipped, read_message
from bot.chat import Inbound, Notice, Outbound
from bot.chat.threads import Threads
from bot.clock import Clock
from bot.errors import StoreUnavailable
from bot.identity import Person
from bot.private import Private
from bot.recent import RECENT

_LOG = logging.getLogger(__name__)


class Front:
    """One per running app."""

    def __init__(
        self,
        ears: Ears,
        claims: Claims,
        platform: DiscordPlatform,
        threads: Threads,
        locales: KnownLocales,
        servers: Servers,
        background: Background,
        clock: Clock,
    ) -> None:
        self._ears = ears
        self._claims = claims
        self._platform = platform
        self._threads = threads
        self._clock = clock
        self._locales = locales
        self._servers = servers
        self.catch_up = platform.catch_up
        self._joined: LRUCache[tuple[Person, str], None] = LRUCache(RECENT)
        self.interactions = Interactions(ears, claims, platform, locales, background)

    async def message(self, client: discord.Client, event: discord.Message) -> None:
        """Returns once the message is claimed, or is known not to be for the bot."""
        me = client.user.id if client.user is not None else 0
        if event.author.id == me:
            if event.guild is None:
                lately.note_shown(self._platform.ways, event)
            return
        message = read_message(event, me)
        if isinstance(message, Skipped) or not await self._for_us(message, me):
            self._ears.count(Count.SKIPPED)
            return
        ways = self._platform.ways
        before = await self.catch_up.before(client, event) if not message.guild else None
        if before is not None:
            lately.learn(ways, message.channel, before, me)
            for each in self.catch_up.unanswered(before, message.user):
                await self.message(client, each)
        about = None if message.guild else await lately.about(ways, message.channel, message.id)
        guild = client.get_guild(message.guild or ids.workspace_number(about or ""))
        inbound = translate.from_message(message, me, about, await self._locales.of(message.user, guild))
        if message.guild:
            ways.places.saw(inbound.person, message.channel)
        else:
            ways.places.wrote_direct(inbound.person.user, message.channel)
        if not escape.said(message.text.reveal(), me) and (message.files or not message.mention):
            line = words.FILES_ONLY if message.files or not message.guild else words.CANNOT_READ
            await self._say(inbound, "unread", line)
            return
        await self._claim(inbound)
        await self.catch_up.mark(event)
        if message.thread:
            await self._join(inbound.person, str(message.channel))

    async def back(self, client: discord.AutoShardedClient, shard: int, shards: int) -> None:
        """A new session began: what was missed before it is taken in now, removals from servers too."""
        if not shard:
            self._platform.ways.places.unsure()
        beside = self._platform.ways.beside()
        if beside is not None:
            beside[1].start(self._servers.compare(client, shard, shards), "looking for removals from servers")
        await self.catch_up.read_on(client, shard, shards, partial(self.message, client))

    async def added(self, client: discord.Client, guild: int) -> None:
        """The bot was added to a server."""
        await self._servers.joined(client, guild)

    async def gone(self, client: discord.Client, guild: int) -> None:
        """The bot was removed from a server: everything about it goes."""
        await self._servers.gone(client, guild)

    def failed(self) -> None:
        """An event could not be handled at all."""
        self._ears.count(Count.FAILED)

    async def _for_us(self, message: Message, me: int) -> bool:
        if not message.guild or message.mention or message.reply:
            return True
        if not message.thread or not message.text.reveal() or translate.addresses_another(message, me):
            return False
        person, thread = translate.person_of(message.user, message.guild), str(message.channel)
        return (person, thread) in self._joined or await self._threads.joined(person, thread)

    async def _join(self, person: Person, thread: str) -> None:
        if (person, thread) not in self._joined:
            await self._threads.join(person, thread, self._clock.now())
            self._joined[(person, thread)] = None

    async def _claim(self, inbound: Inbound) -> None:
        try:
            await self._claims.accept(inbound, MESSAGE_PAUSES)
        except Exception as error:  # noqa: BLE001 - whatever broke, the person is not met with silence
            if not isinstance(error, StoreUnavailable):
                self.failed()
                _LOG.error("a message was not taken in: %s", type(error).__name__)
            await self._say(inbound, "unavailable", words.TRY_AGAIN)

    async def _say(self, inbound: Inbound, name: str, phrase: str) -> None:
        """A line of the adapter's own, as one of the core's would go: once."""
        turn = inbound.turn_id
        body = Notice(Private(self._platform.lines(inbound.locale, phrase)))
        message = Outbound(f"{turn}:{name}", inbound.person, inbound.space, body, turn, inbound.locale)
        await self._platform.deliver(message)
