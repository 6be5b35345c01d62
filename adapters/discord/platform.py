"""Discord as a :class:`bot.chat.Platform`: where each message goes, once, and what happens when Discord refuses.

It speaks by REST alone, so it works the same in a process that holds no gateway connection.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

import discord

from adapters.discord import ids, render, words
from adapters.discord.at_work import Typing
from adapters.discord.calls import Refused
from adapters.discord.cards import Card
from adapters.discord.catch_up import CatchUp
from adapters.discord.deliveries import Deliveries, is_answer, parts_of_answer, sent_before
from adapters.discord.permissions import missing
from adapters.discord.places import channel_of, guild_of
from adapters.discord.reading import read_back
from adapters.discord.render import SUBTEXT, Where
from adapters.discord.sinks import ChannelSink, Sink, VisitSink
from adapters.discord.stream import Allowance, DiscordStream, Known, Whole
from adapters.discord.ways import Ways, is_private
from adapters.speaking import Lines, speaking
from bot.chat import Answer, AnswerStream, Crisis, Delivered, Delivery, Notice, Outbound, Undelivered
from bot.chat.bookmarks import Bookmarks
from bot.chat.envelopes import Envelopes
from bot.clock import Clock, Seconds
from bot.errors import StoreUnavailable
from bot.identity import Person, Space

_LOG = logging.getLogger(__name__)
_OPENABLE: Final[Seconds] = 3_600.0
_OPENABLE_CRISIS: Final[Seconds] = 86_400.0
_TOLD: Final = "📨"


class DiscordPlatform:
    """Used from one event loop. ``user_gone`` is called with the id of an account that Discord says is deleted."""

    def __init__(self, clock: Clock, lines: Lines, envelopes: Envelopes, bookmarks: Bookmarks) -> None:
        self._clock = clock
        self.lines = lines
        self.envelopes = envelopes
        self.ways = Ways(clock)
        self.catch_up = CatchUp(bookmarks, self.ways.brake, clock)
        self._allowance = Allowance(clock)
        self._typing = Typing(self.ways.brake)
        self.deliveries = Deliveries(clock)
        self.user_gone: Callable[[str], Awaitable[None]] | None = None

    @property
    def name(self) -> str:
        return ids.PLATFORM

    # -- Platform --------------------------------------------------------------------------------------------------

    async def deliver(self, message: Outbound) -> Delivery:
        async with self.deliveries.one_at_a_time(message.id):
            done = self.deliveries.done(message.id)
            if done is not None:
                return done
            try:
                return self.deliveries.finish(message.id, await self._deliver(message))
            except Refused as refusal:
                self._heed(message, refusal)
                return Undelivered(str(refusal), refusal.permanent)
            except StoreUnavailable as problem:
                return Undelivered(str(problem))

    @asynccontextmanager
    async def stream(self, head: Outbound) -> AsyncIterator[AnswerStream]:
        async def whole(answer: Answer) -> Delivery:
            return await self.deliver(replace(head, body=answer))

        done = self.deliveries.done(head.id)
        if done is not None:
            yield Known(done)
            return
        left: list[tuple[int, str]] = []
        say = speaking(self.lines, head.locale)
        try:
            sink = await self.ways.growing(head)
            if isinstance(sink, ChannelSink) and self.deliveries.must_look_back(head):
                anchor = ids.anchor_of(head.turn)
                back = await read_back(await self.ways.client(), self.ways.brake, sink, anchor)
                found, complete = parts_of_answer(back, say)
                if complete:
                    yield Known(self.deliveries.finish(head.id, Delivered(str(found[-1].id))))
                    return
                left = [(each.id, each.text) for each in found]
        except Refused:
            sink = None
        if sink is None:
            yield Whole(whole)
            return
        async with DiscordStream(sink, head, say, self._clock, self._allowance, whole, left) as stream:
            yield _Noted(stream, self, head, sink)

    async def thinking(self, person: Person, space: Space, active: bool) -> None:
        channel = self.ways.places.known_direct(person.user) if space.private else channel_of(space)
        beside = self.ways.beside()
        if channel is not None and beside is not None:
            self._typing.show(*beside, channel, active)

    # -- one message -----------------------------------------------------------------------------------------------

    async def _deliver(self, message: Outbound) -> Delivered:
        if isinstance(message.body, Crisis):
            return await self._crisis(message)
        visit = self.ways.answerable(message)
        if visit is not None:
            try:
                return await self._post(VisitSink(visit, self.ways.brake), message)
            except Refused as refusal:
                if refusal.unclear and visit.may_doubt():
                    raise
                visit.failed = True
                _LOG.info("an interaction could not be answered, so it is done another way: %s", refusal)
        if is_private(message):
            return await self._privately(message)
        try:
            return await self._post(await self.ways.channel(message), message)
        except Refused as refusal:
            if not refusal.permanent:
                raise
            problem = await self._explained(message, refusal)
            _LOG.warning("a channel took no message, so it goes to the person directly: %s", problem)
            return await self._privately(message)

    async def _privately(self, message: Outbound) -> Delivered:
        """By direct message, which lasts; to someone who takes none, by a button where they are."""
        user, places = message.to.user, self.ways.places
        refusal = Refused("sending a direct message", "the person takes none", permanent=True)
        if not places.closed(user) or isinstance(message.body, Crisis):
            try:
                sink = await self.ways.direct(message)
                delivered = await self._post(sink, message)
            except Refused as problem:
                if not problem.closed or problem.user_gone:  # nobody is left to press a button
                    raise
                refusal = problem
                places.refused(user)
            else:
                self.told(message)
                await self.catch_up.meet(sink.channel, int(delivered.reference), int(user))
                return delivered
        channel = places.in_public(message)
        if channel is None:
            raise refusal
        return await self._pointer(message, channel)

    async def _pointer(self, message: Outbound, channel: int) -> Delivered:
        key = ids.nonce(message.id, 0)
        life = _OPENABLE_CRISIS if isinstance(message.body, Crisis) else _OPENABLE
        await self.envelopes.keep(key, message, self._clock.now() + life)
        sink = await self.ways.channel(message, channel)
        return Delivered(
            str(
                await sink.send(
                    render.pointer(message, key, speaking(self.lines, message.locale)), f"{message.id}:pointer", 0
                )
            )
        )

    async def _crisis(self, message: Outbound) -> Delivered:
        """At once where the person is looking, for them alone, and by direct message too, since that lasts."""
        visit, told = self.ways.visits.live(message.turn), None
        if visit is not None:
            extra = "" if visit.direct else f"\n{SUBTEXT}{self.lines(message.locale, words.CRISIS_TWICE)}"
            try:
                told = await self._post(VisitSink(visit, self.ways.brake), message, extra)
            except Refused as refusal:
                visit.failed = True
                _LOG.warning("a crisis reply could not be shown on the spot: %s", refusal)
        if told is not None and visit is not None and visit.direct:
            return told
        try:
            return await self._privately(message)
        except (Refused, StoreUnavailable) as problem:
            if told is None:
                raise
            _LOG.warning("crisis resources were shown on the spot only: %s", problem)
            return told

    async def _post(self, sink: Sink, message: Outbound, extra: str = "") -> Delivered:
        say = speaking(self.lines, message.locale)
        shown = render.cards(message, sink.where, say)
        if extra:
            shown = (*shown[:-1], replace(shown[-1], text=shown[-1].text + extra))
        if isinstance(sink, ChannelSink) and self.deliveries.must_look_back(message):
            found = await read_back(await self.ways.client(), self.ways.brake, sink, ids.anchor_of(message.turn))
            before = sent_before(found, shown)
            if is_answer(message):
                parts, complete = parts_of_answer(found, say)
                before = parts[-1].id if complete else None
            if before is not None:
                return Delivered(str(before))
        file = message.body.attachment if isinstance(message.body, Notice) else None
        posted = 0
        for number, card in enumerate(shown):
            if number == len(shown) - 1 and file is not None:
                posted = await self._with_file(sink, message, number, card)
            else:
                posted = await sink.send(card, message.id, number)
        return Delivered(str(posted))

    async def _with_file(self, sink: Sink, message: Outbound, number: int, card: Card) -> int:
        """Files and panels do not go together, so the words come as plain text."""
        plain = replace(card, panel=False)
        body = message.body
        file = body.attachment if isinstance(body, Notice) else None
        if file is None:
            return await sink.send(plain, message.id, number)
        try:
            return await sink.send(plain, message.id, number, file)
        except Refused as refusal:
            if not refusal.permanent or refusal.closed:
                raise
        posted = 0
        for step, each in enumerate((plain, *render.file_as_text(file))):
            posted = await sink.send(each, f"{message.id}:text", number + step)
        return posted

    # -- afterwards ------------------------------------------------------------------------------------------------

    def told(self, message: Outbound) -> None:
        """Something arrived in the person's direct messages; where they asked in public, a sign says so."""
        where, anchor = message.origin or message.space, ids.anchor_of(message.turn)
        beside = self.ways.beside()
        if where.private or anchor is None or not anchor.message or beside is None:
            return
        rest, background = beside
        target = rest.get_partial_messageable(channel_of(where)).get_partial_message(anchor.id)
        background.start(self._react(target), "showing that an answer went to direct messages")

    async def _react(self, target: discord.PartialMessage) -> None:
        try:
            with self.ways.brake.calling("adding a reaction"):
                await target.add_reaction(_TOLD)
        except Refused as refusal:
            _LOG.info("%s", refusal)

    def _heed(self, message: Outbound, refusal: Refused) -> None:
        """Beside the turn: forgetting a person ends their turns, this one too."""
        beside = self.ways.beside()
        if refusal.user_gone and self.user_gone is not None and beside is not None:
            beside[1].start(_told(self.user_gone, message.to.user), "forgetting a deleted account")

    async def _explained(self, message: Outbound, refusal: Refused) -> str:
        if not refusal.no_permission:
            return str(refusal)
        rest, guild, channel = await self.ways.client(), guild_of(message.to), channel_of(message.space)
        return await missing(rest, self.ways.brake, guild, channel) or str(refusal)


class _Noted:
    """A stream that, once finished, is known to be delivered."""

    def __init__(self, stream: DiscordStream, platform: DiscordPlatform, head: Outbound, sink: Sink) -> None:
        self._stream = stream
        self._platform = platform
        self._head = head
        self._sink = sink

    async def append(self, text: str) -> None:
        await self._stream.append(text)

    async def finish(self, answer: Answer) -> Delivery:
        delivery = await self._stream.finish(answer)
        if isinstance(delivery, Delivered):
            self._platform.deliveries.finish(self._head.id, delivery)
            if self._sink.where is Where.DIRECT:
                self._platform.told(self._head)
        return delivery


async def _told(gone: Callable[[str], Awaitable[None]], user: str) -> None:
    await gone(user)
