"""An answer that grows in front of the person's eyes: messages edited about once a second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final

from adapters.discord import words
from adapters.discord.calls import UNKNOWN_MESSAGE, Refused
from adapters.discord.cards import Card
from adapters.discord.deliveries import CURSOR
from adapters.discord.escape import PART_LIMIT, neutralise
from adapters.discord.render import SUBTEXT, answer_cards
from adapters.discord.sinks import Sink
from adapters.speaking import Say
from bot.chat import Answer, Delivered, Delivery, Outbound, Undelivered
from bot.chat.splitting import split
from bot.clock import Clock, Seconds

_LOG = logging.getLogger(__name__)
_EVERY: Final[Seconds] = 1.1
_FIRST: Final[Seconds] = 0.4
"""The first words may show sooner."""
_CLOSING: Final[Seconds] = 3.0
_RATE: Final = 25.0


class Allowance:
    """Edits of all answers together: Discord takes 50 requests a second, and other things need some of them too.

    An edit left out costs nothing: the next one has its text."""

    def __init__(self, clock: Clock, rate: float = _RATE) -> None:
        self._clock = clock
        self._rate = rate
        self._left = rate
        self._at = clock.now()

    def take(self) -> bool:
        now = self._clock.now()
        self._left = min(self._rate, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass(slots=True)
class _Part:
    id: int
    shown: Card


Fallback = Callable[[Answer], Awaitable[Delivery]]


class DiscordStream:
    """One streamed answer. ``left`` are the messages an earlier attempt wrote; ``fallback`` delivers the complete
    answer another way when this one turns out to be closed."""

    def __init__(
        self,
        sink: Sink,
        head: Outbound,
        say: Say,
        clock: Clock,
        allowance: Allowance,
        fallback: Fallback,
        left: Sequence[tuple[int, str]] = (),
    ) -> None:
        self._sink = sink
        self._head = head
        self._say = say
        self._clock = clock
        self._allowance = allowance
        self._fallback = fallback
        self._text = ""
        self._parts = [_Part(posted, Card(shown)) for posted, shown in left]
        self._next = clock.now() + _FIRST
        self._failed = False
        self._finished = False

    async def __aenter__(self) -> DiscordStream:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._finished or not self._parts:
            return
        try:
            async with asyncio.timeout(_CLOSING):
                await self._break_off()
        except (Refused, TimeoutError) as problem:
            _LOG.info("a broken off answer could not be marked: %s", problem)

    async def append(self, text: str) -> None:
        """Show more of the answer. A refusal is kept for ``finish``: the turn goes on."""
        self._text += text
        if self._failed or self._clock.now() < self._next or not self._text.strip() or not self._allowance.take():
            return
        pieces = split(neutralise(self._text), PART_LIMIT)
        try:
            await self._show([Card(each) for each in (*pieces[:-1], pieces[-1] + CURSOR)], shrink=False)
        except Refused as refusal:
            self._failed = not refusal.unclear
            _LOG.info("a streamed answer is held back: %s", refusal)
        self._next = self._clock.now() + _EVERY

    async def finish(self, answer: Answer) -> Delivery:
        shown = answer_cards(self._head, answer, self._sink.where, self._say)
        self._finished = True
        try:
            await self._show(shown, shrink=True)
        except Refused as refusal:
            self._finished = not self._parts
            if refusal.unclear or not refusal.permanent:
                return Undelivered(str(refusal), permanent=False)
            return await self._fallback(answer)
        return Delivered(str(self._parts[-1].id))

    async def _show(self, cards: Sequence[Card], *, shrink: bool) -> None:
        for number, card in enumerate(cards):
            if number < len(self._parts):
                await self._rewrite(number, card)
            else:
                self._parts.append(_Part(await self._sink.send(card, self._head.id, number), card))
        while shrink and len(self._parts) > len(cards):
            await self._sink.delete(self._parts[-1].id)
            self._parts.pop()

    async def _rewrite(self, number: int, card: Card) -> None:
        part = self._parts[number]
        if part.shown == card:
            return
        try:
            await self._sink.edit(part.id, card)
        except Refused as refusal:
            if refusal.code != UNKNOWN_MESSAGE:
                raise
            # Somebody deleted it while it grew; it is sent anew.
            part.id = await self._sink.send(card, self._head.id, number)
        part.shown = card

    async def _break_off(self) -> None:
        part = self._parts[-1]
        text = part.shown.text.removesuffix(CURSOR)
        await self._sink.edit(part.id, Card(f"{text}\n{SUBTEXT}{self._say(words.BROKEN_OFF)}"))


class Known:
    """A stream for an answer whose fate is settled: nothing is shown again."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    async def append(self, text: str) -> None:
        return None

    async def finish(self, answer: Answer) -> Delivery:
        return self._delivery


class Whole:
    """A stream where nothing can be shown before it is complete."""

    def __init__(self, deliver: Fallback) -> None:
        self._deliver = deliver

    async def append(self, text: str) -> None:
        return None

    async def finish(self, answer: Answer) -> Delivery:
        return await self._deliver(answer)
