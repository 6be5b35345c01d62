"""Whom the adapter tells what happens, and the one way in which an event is claimed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from adapters.slack.deliveries import Deliveries
from bot.chat import Inbound, Intake, Receipt
from bot.chat.forgettable import Forgettables
from bot.errors import StoreUnavailable
from bot.identity import Person
from bot.review.chat.presses import Presses


class Count(StrEnum):
    """What is counted, without identifiers."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    SKIPPED = "skipped"
    MALFORMED = "malformed"
    FORGED = "forged"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"


WorkspaceGone = Callable[[str], Awaitable[None]]
"""``workspace_gone(workspace)``: everything about it goes (its guests too, see ``home_of``), at once or surely soon,
for Slack waits 3 s. Called for each workspace of an organisation, and again when it raises."""
FeedbackGiven = Callable[[Person, str, bool], Awaitable[None]]
"""``feedback_given(person, message, helpful)``: ``message`` is the Outbound's id."""


@dataclass(frozen=True, slots=True)
class Ears:
    """Whom the adapter tells what happens."""

    intake: Intake
    workspace_gone: WorkspaceGone
    feedback_given: FeedbackGiven
    count: Callable[[Count], None]
    known: Forgettables
    presses: Presses | None = None
    """The moderators' desk, where it is open in chat."""


class Claims:
    """Hands events to the core, so that every one is claimed before it is acknowledged."""

    def __init__(self, ears: Ears, deliveries: Deliveries) -> None:
        self._ears = ears
        self._deliveries = deliveries

    async def accept(self, inbound: Inbound) -> Receipt:
        """Raises StoreUnavailable; the event must not be acknowledged then."""
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
