"""Sending one message to one place, once, and finding out what an earlier attempt left there."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import Final

from adapters.slack import ids, render
from adapters.slack.calls import Calls
from adapters.slack.deliveries import NOTHING, Deliveries, Trace, metadata, trace
from adapters.slack.render import Card
from adapters.slack.stream import SlackStream
from adapters.slack.web import Place, Refused
from adapters.speaking import Lines, Say, speaking
from bot.chat import Answer, Attachment, Notice, Outbound
from bot.chat.installations import Installation
from bot.clock import Seconds

_LOG = logging.getLogger(__name__)
_SURE_WITHIN: Final[Seconds] = 2.0
"""Reading the history back is throttled, by a minute at worst: help does not wait for that."""


@dataclass(frozen=True, slots=True)
class Posted:
    """``ts`` of the last message; ``new``: posted just now, not found from before."""

    ts: str
    new: bool


class Sender:
    """Shared by everything that posts."""

    def __init__(self, calls: Calls, deliveries: Deliveries, lines: Lines) -> None:
        self._calls = calls
        self._lines = lines
        self._deliveries = deliveries
        self.streams: set[SlackStream] = set()
        """Answers growing in this process right now."""

    async def post(
        self,
        place: Place,
        message: Outbound,
        shown: tuple[Card, ...],
        installation: Installation,
        *,
        sure: bool = False,
    ) -> Posted:
        """Post what is not there yet. ``sure``: when the history cannot be read soon, post all the same."""
        left = NOTHING
        if self._deliveries.must_look_back(message):
            try:
                async with asyncio.timeout(_SURE_WITHIN if sure else None):
                    left = await self.look_back(place, message, installation)
            except (Refused, TimeoutError):
                if not sure:
                    raise
        if left.complete:
            return Posted(max(left.parts.values()), new=False)
        if isinstance(message.body, Answer) and (left.parts or left.cut_off):
            # Pieces of an answer that was being streamed: the whole takes their place.
            await self.clean_up(place, left)
            left = NOTHING
        if isinstance(message.body, Notice) and message.body.attachment is not None:
            say = speaking(self._lines, message.locale)
            shown = await self._attach(place, message.body.attachment, shown, left, say)
        ts = ""
        for number, card in enumerate(shown):
            ts = left.parts.get(number, "")
            if not ts:
                meta = metadata(message.id, number, last=number == len(shown) - 1)
                ts = await self._calls.post(place, card.fallback, card.blocks, meta)
        return Posted(ts, new=True)

    async def _attach(
        self, place: Place, file: Attachment, shown: tuple[Card, ...], left: Trace, say: Say
    ) -> tuple[Card, ...]:
        if file.name in left.files:
            return shown
        try:
            await self._calls.upload(place, file.name, file.content.reveal())
        except Refused as refusal:
            if not refusal.permanent:
                raise
            return (*shown, *render.file_as_text(file, say))
        return shown

    async def whisper(self, place: Place, message: Outbound, card: Card) -> bool:
        """Best effort: nobody can look up whether it was shown, so it accompanies what can be."""
        try:
            await self._calls.whisper(place, message.to.user, card.fallback, card.blocks)
        except Refused as refusal:
            _LOG.info("a note for one person was not shown: %s", refusal)
            return False
        return True

    async def look_back(self, place: Place, message: Outbound, installation: Installation) -> Trace:
        anchor = ids.anchor_of(message.turn)
        oldest = anchor.ts if anchor is not None else ""
        found = trace(await self._calls.history(place, oldest), message.id, installation.bot_user)
        busy = {ts for stream in self.streams for ts in stream.timestamps}
        after = tuple(ts for ts in found.cut_off if ts not in busy and ts > oldest)
        return replace(found, cut_off=after if oldest else ())

    async def clean_up(self, place: Place, left: Trace) -> None:
        """Take away pieces of an answer that is about to be written anew."""
        for ts in (*left.cut_off, *left.parts.values()):
            try:
                await self._calls.delete(place, ts)
            except Refused as refusal:
                if refusal.error != "message_not_found":
                    raise
