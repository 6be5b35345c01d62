"""What only one person may see: by direct message where it must last, and in a channel as a note for them alone."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Final

from adapters.slack import render
from adapters.slack.deliveries import Deliveries
from adapters.slack.limits import Sleep
from adapters.slack.places import Places
from adapters.slack.recent import Recent
from adapters.slack.render import Card
from adapters.slack.sending import Posted, Sender
from adapters.slack.web import Place, Refused
from adapters.speaking import Lines, speaking
from bot.chat import Crisis, Delivered, Notice, Outbound, Question
from bot.chat.installations import Installation
from bot.clock import Seconds
from bot.identity import DIRECT
from bot.recent import RECENT

_LOG = logging.getLogger(__name__)
_PAUSES: Final[tuple[Seconds, ...]] = (0.1, 0.3, 0.6)


class Discreet:
    """Each method delivers one message or raises Refused."""

    def __init__(self, sender: Sender, places: Places, deliveries: Deliveries, sleep: Sleep, lines: Lines) -> None:
        self._lines = lines
        self._sender = sender
        self._places = places
        self._deliveries = deliveries
        self._sleep = sleep
        self._noted: Recent[str, None] = Recent(RECENT)

    async def question(self, message: Outbound, body: Question, installation: Installation) -> Delivered:
        """By direct message, which lasts; asked about something in a channel, a note there leads to it. Someone whom a
        direct message does not reach gets the note alone, and answers in the modal behind it."""
        spot = self._places.spot(message, installation)
        direct, say = replace(message, space=DIRECT), speaking(self._lines, message.locale)
        try:
            place = await self._places.of(direct, installation)
            posted = await self._sender.post(place, direct, render.cards(direct, say), installation)
        except Refused as refusal:
            if spot is None or not refusal.permanent:
                raise
            if not await self._sender.whisper(spot, message, render.pointer(message, body, "", say)):
                raise
            return Delivered()
        if spot is not None and posted.new:
            back = f"{place.channel}-{place.root or posted.ts}"
            await self._sender.whisper(spot, message, render.pointer(message, body, back, say))
        return Delivered(posted.ts)

    async def crisis(self, message: Outbound, body: Crisis, installation: Installation) -> Delivered:
        """By direct message, and in a channel also where the person is looking, for them alone."""
        spot = self._places.spot(message, installation)
        try:
            posted = await self._insist(message, installation)
        except Refused as refusal:
            told = spot is not None and await self._crisis_note(spot, message, body)
            if not (told and refusal.permanent):
                raise
            _LOG.warning("crisis resources reached the channel only: %s", refusal)
            return Delivered()
        if spot is not None and posted.new:
            await self._crisis_note(spot, message, body)
        return Delivered(posted.ts)

    async def _insist(self, message: Outbound, installation: Installation) -> Posted:
        """A direct message that passing trouble does not stop at once."""
        for pause in _PAUSES:
            try:
                return await self._direct(message, installation)
            except Refused as refusal:
                if refusal.permanent:
                    raise
                if refusal.unclear:
                    self._deliveries.unclear(message.id)
            await self._sleep(pause)
        return await self._direct(message, installation)

    async def _direct(self, message: Outbound, installation: Installation) -> Posted:
        place = await self._places.of(replace(message, space=DIRECT), installation)
        shown = render.cards(message, speaking(self._lines, message.locale))
        return await self._sender.post(place, message, shown, installation, sure=True)

    async def _crisis_note(self, spot: Place, message: Outbound, body: Crisis) -> bool:
        """Once per message, also when its direct message is tried again."""
        if message.id not in self._noted:
            note = render.crisis_whisper(body, speaking(self._lines, message.locale))
            if not await self._sender.whisper(spot, message, note):
                return False
            self._noted.put(message.id, None)
            self._noted.put(message.turn, None)
        return True

    async def _point(self, message: Outbound, card: Card, installation: Installation) -> Delivered:
        """To where the person is waiting, if nothing told them yet: in their direct messages they see it anyway."""
        spot = self._places.spot(message, installation)
        if spot is not None and message.turn not in self._noted:
            await self._sender.whisper(spot, message, card)
        return Delivered()

    async def notice(self, message: Outbound, body: Notice, installation: Installation) -> Delivered:
        shown = render.cards(message, speaking(self._lines, message.locale))
        if body.pointer:
            return await self._point(message, shown[0], installation)
        if body.attachment is None and not self._deliveries.must_look_back(message):
            spot = self._places.spot(message, installation)
            if spot is not None and len(shown) == 1 and await self._sender.whisper(spot, message, shown[0]):
                return Delivered()
        place = await self._places.of(replace(message, space=DIRECT), installation)
        return Delivered((await self._sender.post(place, message, shown, installation)).ts)
