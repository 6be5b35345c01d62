"""Whom the adapter tells what happens, and the one way in which an event is claimed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from weakref import WeakValueDictionary

from adapters.discord.deliveries import Deliveries
from bot.chat import Inbound, Intake, Receipt
from bot.chat.forgettable import Forgettables
from bot.clock import Seconds
from bot.errors import StoreUnavailable
from bot.identity import Person
from bot.review.chat.presses import Presses


class Count(StrEnum):
    """What is counted, without identifiers."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    SKIPPED = "skipped"
    MALFORMED = "malformed"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"


Gone = Callable[[str], Awaitable[None]]
"""``gone(id)``: delete everything about this server (workspace) or this account (user, in every workspace). Called
again when it raises."""


FeedbackGiven = Callable[[Person, str, bool], Awaitable[None]]
"""``feedback_given(person, message, helpful)``: ``message`` is the Outbound's id."""


@dataclass(frozen=True, slots=True)
class Ears:
    """Whom the adapter tells what happens."""

    intake: Intake
    workspace_gone: Gone
    user_gone: Gone
    count: Callable[[Count], None]
    known: Forgettables
    feedback_given: FeedbackGiven | None = None
    presses: Presses | None = None
    """The moderators' desk, where it is open in chat."""


MESSAGE_PAUSES: Final[Sequence[Seconds]] = (0.3, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Discord does not send a message again, so it is held here while the store is away."""
PRESS_PAUSES: Final[Sequence[Seconds]] = (0.3, 1.0)
"""Who pressed a button waits in front of it."""


class Claims:
    """Hands events to the core, those of one person in the order they came."""

    def __init__(self, ears: Ears, deliveries: Deliveries, sleep: Callable[[Seconds], Awaitable[None]]) -> None:
        self._ears = ears
        self._deliveries = deliveries
        self.sleep = sleep
        self._order: WeakValueDictionary[Person, asyncio.Lock] = WeakValueDictionary()

    async def accept(self, inbound: Inbound, pauses: Sequence[Seconds]) -> Receipt:
        """Raises StoreUnavailable when it could not be claimed after the last pause."""
        lock = self._order.setdefault(inbound.person, asyncio.Lock())
        async with lock:
            for pause in pauses:
                try:
                    return await self._accept(inbound)
                except StoreUnavailable:
                    await self.sleep(pause)
            return await self._accept(inbound)

    async def finished(self, turn: str) -> None:
        await self._ears.intake.finished(turn)

    async def _accept(self, inbound: Inbound) -> Receipt:
        try:
            receipt = await self._ears.intake.accept(inbound)
        except StoreUnavailable:
            self._ears.count(Count.UNAVAILABLE)
            raise
        if receipt.duplicate:
            self._ears.count(Count.DUPLICATE)
        else:
            self._deliveries.claimed(inbound.turn_id)
            self._ears.count(Count.ACCEPTED)
        return receipt
