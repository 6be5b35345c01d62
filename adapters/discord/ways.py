"""Which way a message goes: the answer to an interaction, direct messages, or a channel."""

from __future__ import annotations

import asyncio
from typing import Final

import discord

from adapters.background import Background
from adapters.discord import ids
from adapters.discord.calls import Brake, Refused
from adapters.discord.places import Places, channel_of, guild_of
from adapters.discord.render import Where
from adapters.discord.sinks import ChannelSink, Sink, VisitSink
from adapters.discord.visits import Visit, Visits
from bot.chat import Answer, Crisis, Notice, Outbound, Question
from bot.clock import Clock, Seconds

_PATIENCE: Final[Seconds] = 10.0
"""How long a message waits for the first contact with Discord."""


class Ways:
    """``open`` gives it the client to call with; until then callers wait."""

    def __init__(self, clock: Clock) -> None:
        self.brake = Brake(clock)
        self.places = Places(self.brake, clock)
        self.visits = Visits(clock)
        self._rest: discord.Client | None = None
        self._background: Background | None = None
        self._open = asyncio.Event()

    def open(self, rest: discord.Client, background: Background) -> None:
        """``rest`` has logged in."""
        self._rest, self._background = rest, background
        self._open.set()

    def close(self) -> None:
        self._open.clear()
        self._rest = self._background = None

    async def client(self) -> discord.Client:
        """Raises Refused when Discord was not reached in time."""
        if self._rest is None:
            try:
                async with asyncio.timeout(_PATIENCE):
                    await self._open.wait()
            except TimeoutError:
                raise Refused("sending a message", "no contact with Discord yet") from None
        if self._rest is None:
            raise Refused("sending a message", "the connection to Discord was closed")
        return self._rest

    def beside(self) -> tuple[discord.Client, Background] | None:
        """For work that nobody waits for; None while closed."""
        return None if self._rest is None or self._background is None else (self._rest, self._background)

    def answerable(self, message: Outbound) -> Visit | None:
        """The interaction that began the turn, where answering it is the best way."""
        visit = self.visits.live(message.turn)
        if visit is None or not (visit.waits or (is_private(message) and not visit.direct)):
            return None
        return visit

    async def growing(self, head: Outbound) -> Sink | None:
        """Where an answer can grow; None where it cannot. Raises Refused."""
        visit = self.answerable(head)
        if visit is not None:
            return VisitSink(visit, self.brake)
        if not head.space.private:
            return await self.channel(head)
        return None if self.places.closed(head.to.user) else await self.direct(head)

    async def channel(self, message: Outbound, number: int | None = None) -> ChannelSink:
        """The channel a message belongs to, or the one of that number."""
        rest, guild = await self.client(), guild_of(message.to)
        number = channel_of(message.space) if number is None else number
        return ChannelSink(rest, self.brake, number, Where.CHANNEL, replied_to(message), guild)

    async def direct(self, message: Outbound) -> ChannelSink:
        rest = await self.client()
        return ChannelSink(rest, self.brake, await self.places.direct(rest, message.to.user), Where.DIRECT)


def replied_to(message: Outbound) -> int | None:
    """In a channel, the message that it answers."""
    anchor = ids.anchor_of(message.turn)
    where = message.origin or message.space
    return anchor.id if anchor is not None and anchor.message and not where.private else None


def is_private(message: Outbound) -> bool:
    """Whether only the person may see it."""
    match message.body:
        case Crisis():
            return True
        case Question(private=private):
            return private or message.space.private
        case Notice(private=private, attachment=attachment):
            return private or attachment is not None or message.space.private
        case Answer():
            return message.space.private
