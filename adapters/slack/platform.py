"""Slack as a :class:`bot.chat.Platform`: where each message goes, once, and what happens when Slack refuses."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Literal
from weakref import WeakSet

from adapters.slack import ids, render, words
from adapters.slack.calls import Calls
from adapters.slack.deliveries import Deliveries, Trace, metadata, trace
from adapters.slack.limits import PACE, Pace
from adapters.slack.places import Places
from adapters.slack.render import Card
from adapters.slack.stream import SlackStream
from adapters.slack.translate import PLATFORM
from adapters.slack.web import Place, Refused
from adapters.slack.workspaces import Workspaces
from bot.chat import (
    Answer,
    AnswerStream,
    Attachment,
    Crisis,
    Delivered,
    Delivery,
    Notice,
    Outbound,
    Question,
    Undelivered,
)
from bot.chat.installations import Installation, home_of
from bot.clock import Clock, Seconds
from bot.errors import StoreUnavailable
from bot.identity import DIRECT, Person, Space

_LOG = logging.getLogger(__name__)


class SlackPlatform:
    """Used from one event loop. ``takeover_after``: see :class:`Deliveries`."""

    def __init__(
        self, calls: Calls, workspaces: Workspaces, clock: Clock, pace: Pace = PACE, takeover_after: Seconds = 5.0
    ) -> None:
        self._calls = calls
        self._clock = clock
        self._pace = pace
        self.places = Places(calls, workspaces)
        self.deliveries = Deliveries(clock, takeover_after)
        self._streams: WeakSet[SlackStream] = WeakSet()
        self._no_sessions: set[str] = set()

    @property
    def name(self) -> str:
        return PLATFORM

    # -- Platform --------------------------------------------------------------------------------------------------

    async def deliver(self, message: Outbound) -> Delivery:
        async with self.deliveries.one_at_a_time(message.id):
            done = self.deliveries.done(message.id)
            if done is not None:
                return done
            try:
                return self.deliveries.finish(message.id, await self._deliver(message))
            except Refused as refusal:
                if refusal.unclear:
                    self.deliveries.unclear(message.id)
                return Undelivered(str(refusal), refusal.permanent)
            except StoreUnavailable as problem:
                return Undelivered(str(problem))

    @asynccontextmanager
    async def stream(self, head: Outbound) -> AsyncIterator[AnswerStream]:
        done = self.deliveries.done(head.id)
        if done is not None:
            yield _Known(done)
            return
        try:
            installation = await self.places.installation(head.to)
            place = await self.places.of(head, installation)
            if self.deliveries.must_look_back(head):
                left = await self._look_back(place, head, installation)
                if left.complete:
                    yield _Known(self.deliveries.finish(head.id, Delivered(max(left.parts.values()))))
                    return
                await self._clean_up(place, left)
        except (Refused, StoreUnavailable) as problem:
            yield _Known(Undelivered(str(problem), isinstance(problem, Refused) and problem.permanent))
            return

        async def sweep() -> None:
            await self._clean_up(place, await self._look_back(place, head, installation))

        stream = SlackStream(
            self._calls,
            place,
            home_of(head.to.workspace),
            head,
            self.deliveries,
            self._clock,
            self._pace,
            sweep,
        )
        self._streams.add(stream)
        async with stream:
            yield _Footed(stream, self, head, place)

    async def thinking(self, person: Person, space: Space, active: bool) -> None:
        try:
            place = await self.places.at_work(person, space)
            if place is not None:
                await self._show_status(place, active)
        except (Refused, StoreUnavailable) as problem:
            _LOG.info("the sign of being at work was not shown: %s", problem)

    # -- one message -----------------------------------------------------------------------------------------------

    async def _deliver(self, message: Outbound) -> Delivered:
        installation = await self.places.installation(message.to)
        body = message.body
        if isinstance(body, Notice) and ids.is_home(message.turn):
            home = render.home(body)
            await self._calls.publish_home(installation.workspace, installation.token.reveal(), message.to.user, home)
            return Delivered()
        if isinstance(body, Crisis):
            return await self._crisis(message, body, installation)
        if isinstance(body, Question) and body.private:
            return await self._private_question(message, body, installation)
        if isinstance(body, Notice) and not message.space.private and (body.private or body.attachment):
            return await self._private_notice(message, body, installation)
        place = await self.places.of(message, installation)
        posted = await self._post(place, message, render.cards(message), installation)
        if isinstance(body, Answer) and posted.new:
            await self.show_used(place, message, body)
        return Delivered(posted.ts)

    async def _private_question(self, message: Outbound, body: Question, installation: Installation) -> Delivered:
        """By direct message, which lasts; asked about something in a channel, a note there leads to it. Someone whom a
        direct message does not reach gets the note alone, and answers in the modal behind it."""
        spot = self.places.spot(message, installation)
        direct = replace(message, space=DIRECT)
        try:
            place = await self.places.of(direct, installation)
            posted = await self._post(place, direct, render.cards(direct), installation)
        except Refused as refusal:
            if spot is None or not refusal.permanent:
                raise
            if not await self._whisper(spot, message, render.pointer(message, body, "")):
                raise
            return Delivered()
        if spot is not None and posted.new:
            back = f"{place.channel}-{place.root or posted.ts}"
            await self._whisper(spot, message, render.pointer(message, body, back))
        return Delivered(posted.ts)

    async def _crisis(self, message: Outbound, body: Crisis, installation: Installation) -> Delivered:
        """By direct message, and in a channel also where the person is looking, for them alone."""
        spot = self.places.spot(message, installation)
        note = render.crisis_whisper(body)
        try:
            place = await self.places.of(replace(message, space=DIRECT), installation)
            posted = await self._post(place, message, render.cards(message), installation, sure=True)
        except Refused as refusal:
            if spot is None or not await self._whisper(spot, message, note):
                raise
            _LOG.warning("crisis resources reached the channel only: %s", refusal)
            return Delivered()
        if spot is not None and posted.new:
            await self._whisper(spot, message, note)
        return Delivered(posted.ts)

    async def _private_notice(self, message: Outbound, body: Notice, installation: Installation) -> Delivered:
        if body.attachment is None and not self.deliveries.must_look_back(message):
            spot = self.places.spot(message, installation)
            shown = render.cards(message)
            if spot is not None and len(shown) == 1 and await self._whisper(spot, message, shown[0]):
                return Delivered()
        place = await self.places.of(replace(message, space=DIRECT), installation)
        return Delivered((await self._post(place, message, render.cards(message), installation)).ts)

    async def show_used(self, place: Place, message: Outbound, body: Answer) -> None:
        """Under an answer in a channel, what was used is for the person alone."""
        if message.space.private or not body.used:
            return
        card = Card((render.used_block(body),), words.USED.format(labels="…"))
        await self._whisper(place, message, card)

    # -- sending ---------------------------------------------------------------------------------------------------

    async def _post(
        self,
        place: Place,
        message: Outbound,
        shown: tuple[Card, ...],
        installation: Installation,
        *,
        sure: bool = False,
    ) -> _Posted:
        """Post what is not there yet. ``sure``: when the history cannot be read, post all the same."""
        left = Trace({}, complete=False, cut_off=(), files=frozenset())
        if self.deliveries.must_look_back(message):
            try:
                left = await self._look_back(place, message, installation)
            except Refused:
                if not sure:
                    raise
        if left.complete:
            return _Posted(max(left.parts.values()), new=False)
        if isinstance(message.body, Notice) and message.body.attachment is not None:
            shown = await self._attach(place, message.body.attachment, shown, left)
        ts = ""
        for number, card in enumerate(shown):
            ts = left.parts.get(number, "")
            if not ts:
                meta = metadata(message.id, number, last=number == len(shown) - 1)
                ts = await self._calls.post(place, card.fallback, card.blocks, meta)
        return _Posted(ts, new=True)

    async def _attach(self, place: Place, file: Attachment, shown: tuple[Card, ...], left: Trace) -> tuple[Card, ...]:
        if file.name in left.files:
            return shown
        try:
            await self._calls.upload(place, file.name, file.content.reveal())
        except Refused as refusal:
            if not refusal.permanent:
                raise
            return (*shown, *render.file_as_text(file))
        return shown

    async def _whisper(self, place: Place, message: Outbound, card: Card) -> bool:
        """Best effort: nobody can look up whether it was shown, so it accompanies what can be."""
        try:
            await self._calls.whisper(place, message.to.user, card.fallback, card.blocks)
        except Refused as refusal:
            _LOG.info("a note for one person was not shown: %s", refusal)
            return False
        return True

    # -- the sign of being at work ------------------------------------------------------------------------------------

    async def _show_status(self, place: Place, active: bool) -> None:
        if place.workspace not in self._no_sessions:
            status: Literal["processing", "active"] = "processing" if active else "active"
            try:
                await self._calls.session_status(place, status)
                return
            except Refused as refusal:
                if not refusal.permanent or refusal.dead_token:
                    raise
                self._no_sessions.add(place.workspace)
        await self._calls.thread_status(place, words.THINKING if active else "")

    # -- looking back ----------------------------------------------------------------------------------------------

    async def _look_back(self, place: Place, message: Outbound, installation: Installation) -> Trace:
        anchor = ids.anchor_of(message.turn)
        oldest = anchor.ts if anchor is not None else ""
        found = trace(await self._calls.history(place, oldest), message.id, installation.bot_user)
        busy = {ts for stream in self._streams for ts in stream.timestamps}
        after = tuple(ts for ts in found.cut_off if ts not in busy and ts > oldest)
        return replace(found, cut_off=after if oldest else ())

    async def _clean_up(self, place: Place, left: Trace) -> None:
        """Take away pieces of an answer that is about to be written anew."""
        for ts in (*left.cut_off, *left.parts.values()):
            try:
                await self._calls.delete(place, ts)
            except Refused as refusal:
                if refusal.error != "message_not_found":
                    raise


@dataclass(frozen=True, slots=True)
class _Posted:
    """``ts`` of the last message; ``new``: posted just now, not found from before."""

    ts: str
    new: bool


class _Known:
    """A stream for an answer whose fate is settled: nothing is shown again."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    async def append(self, text: str) -> None:
        return None

    async def finish(self, answer: Answer) -> Delivery:
        return self._delivery


class _Footed:
    """A stream that, once finished in a channel, tells the person alone what was used."""

    def __init__(self, stream: SlackStream, platform: SlackPlatform, head: Outbound, place: Place) -> None:
        self._stream = stream
        self._platform = platform
        self._head = head
        self._place = place

    async def append(self, text: str) -> None:
        await self._stream.append(text)

    async def finish(self, answer: Answer) -> Delivery:
        delivery = await self._stream.finish(answer)
        if isinstance(delivery, Delivered):
            await self._platform.show_used(self._place, self._head, answer)
        return delivery
