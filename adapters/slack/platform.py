"""Slack as a :class:`bot.chat.Platform`: where each message goes, once, and what happens when Slack refuses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Literal

from adapters.slack import ids, render, words
from adapters.slack.calls import Calls
from adapters.slack.deliveries import Deliveries
from adapters.slack.discreet import Discreet
from adapters.slack.limits import PACE, Pace, Sleep
from adapters.slack.places import Places
from adapters.slack.render import Card
from adapters.slack.sending import Sender
from adapters.slack.stream import SlackStream
from adapters.slack.translate import PLATFORM
from adapters.slack.web import Place, Refused
from adapters.slack.workspaces import Workspaces
from adapters.speaking import Lines, speaking
from bot.chat import (
    Answer,
    AnswerStream,
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
from bot.identity import Person, Space

_LOG = logging.getLogger(__name__)
_NO_AGENT: Final = frozenset({"not_authorized", "unknown_method", "missing_scope", "feature_not_enabled"})
"""The app is not declared as an agent: it has no sessions, but can still show the older sign."""


class SlackPlatform:
    """Used from one event loop. ``takeover_after``: see :class:`Deliveries`."""

    def __init__(
        self,
        calls: Calls,
        workspaces: Workspaces,
        clock: Clock,
        lines: Lines,
        pace: Pace = PACE,
        takeover_after: Seconds = 5.0,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._calls = calls
        self._clock = clock
        self._pace = pace
        self._lines = lines
        self.places = Places(calls, workspaces)
        self.deliveries = Deliveries(clock, takeover_after)
        self._sender = Sender(calls, self.deliveries, lines)
        self._discreet = Discreet(self._sender, self.places, self.deliveries, sleep, lines)
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
            known = await self._resumed(head, place, installation)
        except (Refused, StoreUnavailable) as problem:
            known = Undelivered(str(problem), isinstance(problem, Refused) and problem.permanent)
        if known is not None:
            yield _Known(known)
            return

        async def sweep() -> None:
            await self._sender.clean_up(place, await self._sender.look_back(place, head, installation))

        stream = SlackStream(
            self._calls,
            place,
            home_of(head.to.workspace),
            head,
            self.deliveries,
            self._clock,
            self._pace,
            sweep,
            speaking(self._lines, head.locale),
        )
        self._sender.streams.add(stream)
        try:
            async with stream:
                yield _Footed(stream, self, head, place)
        finally:
            self._sender.streams.discard(stream)

    async def _resumed(self, head: Outbound, place: Place, installation: Installation) -> Delivery | None:
        """The delivery, when an earlier attempt completed the answer; else what it left is taken away."""
        if not self.deliveries.must_look_back(head):
            return None
        left = await self._sender.look_back(place, head, installation)
        if left.complete:
            return self.deliveries.finish(head.id, Delivered(max(left.parts.values())))
        await self._sender.clean_up(place, left)
        return None

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
            home = render.home(body, speaking(self._lines, message.locale))
            await self._calls.publish_home(installation.workspace, installation.token.reveal(), message.to.user, home)
            return Delivered()
        if isinstance(body, Crisis):
            return await self._discreet.crisis(message, body, installation)
        if isinstance(body, Question) and body.private:
            return await self._discreet.question(message, body, installation)
        if isinstance(body, Notice) and not message.space.private and (body.private or body.attachment):
            return await self._discreet.notice(message, body, installation)
        place = await self.places.of(message, installation)
        shown = render.cards(message, speaking(self._lines, message.locale))
        posted = await self._sender.post(place, message, shown, installation)
        if isinstance(body, Answer) and posted.new:
            await self.show_used(place, message, body)
        return Delivered(posted.ts)

    async def show_used(self, place: Place, message: Outbound, body: Answer) -> None:
        """Under an answer in a channel, what was used is for the person alone."""
        if message.space.private or not body.used:
            return
        say = speaking(self._lines, message.locale)
        card = Card((render.used_block(body, say),), say(words.USED, attributes="…"))
        await self._sender.whisper(place, message, card)

    # -- the sign of being at work ------------------------------------------------------------------------------------

    async def _show_status(self, place: Place, active: bool) -> None:
        if place.workspace not in self._no_sessions:
            status: Literal["processing", "active"] = "processing" if active else "active"
            try:
                await self._calls.session_status(place, status)
                return
            except Refused as refusal:
                if refusal.error not in _NO_AGENT:
                    raise
                self._no_sessions.add(place.workspace)
        await self._calls.thread_status(place, words.THINKING if active else "")


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
