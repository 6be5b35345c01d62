"""What the desk decided, carried into the conversation: by whichever process serves the person's platform, in order.

Kept together with the decision, so that nothing is lost when a process dies in between; each errand has an id of its
own, so that one which is done again (a crash after it was done, before that was said) does nothing new where the
platform or the ledger recognises it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, assert_never

from bot.chat import Delivered, Delivery, Inbound, Intake, Moderated, Notice, Outbound, Receipt, Told
from bot.clock import Clock, Seconds
from bot.policy.phrases import phrase
from bot.policy.schema import Policy
from bot.private import Private
from bot.review.cases import SYSTEM, Action, Errand, ErrandKind, Event, Outcome
from bot.review.store import Errands

LEASE: Final = 60.0
"""Seconds within which a process that took an errand should have done it; then another one may."""
WAITS: Final = 600.0
"""Seconds a message waits for a process that serves its platform. Later it would come out of nowhere."""
HEARS_WITHIN: Final = 2.0
"""Seconds that a person is given to hear that somebody has taken over, or handed back."""
BATCH: Final = 100
Messenger = Callable[[Outbound], Awaitable[Delivery]]
"""Delivers one message, or says why not; never raises for a refusal."""


@dataclass(frozen=True, slots=True)
class Errandry:
    """``platforms`` are those this process serves."""

    errands: Errands
    platforms: frozenset[str]
    messenger: Messenger
    intake: Intake
    policy: Callable[[], Policy]
    clock: Clock
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def run(self) -> int:
        """Do what waits; returns how many errands were done here. Raises StoreUnavailable."""
        done = 0
        async with self._one_at_a_time:
            now = self.clock.now()
            while errand := await self.errands.take(self.platforms, now, now + LEASE):
                await self._do(errand)
                done += 1
        return done

    async def _do(self, errand: Errand) -> None:
        match errand.kind:
            case ErrandKind.TAKE_OVER | ErrandKind.HAND_BACK:
                receipt = await self._accept(errand, Moderated(errand.kind is ErrandKind.TAKE_OVER))
                await self._told(receipt)
                await self._settle(errand, Outcome.DELIVERED)
            case ErrandKind.CONTACT | ErrandKind.MESSAGE:
                await self._write(errand)
            case _:
                assert_never(errand.kind)

    async def _write(self, errand: Errand) -> None:
        delivery = await self.messenger(self._outbound(errand))
        if not isinstance(delivery, Delivered):
            await self._settle(errand, Outcome.UNDELIVERED, delivery.problem)
            return
        if errand.text is not None:
            await self._accept(errand, Told(errand.text))
        await self._settle(errand, Outcome.DELIVERED)

    def _outbound(self, errand: Errand) -> Outbound:
        """A contact is for the person alone; what the team writes after taking over goes where they talk."""
        conversation, policy = errand.conversation.reveal(), self.policy()
        contact = errand.kind is ErrandKind.CONTACT
        title = "" if contact else phrase(policy, errand.locale, "notice.from_team")
        body = Notice(errand.text or Private(""), private=contact, title=title)
        turn = f"{conversation.person.platform}:{conversation.person.workspace}:{_event_id(errand)}"
        return Outbound(f"{turn}:said", conversation.person, conversation.space, body, turn, errand.locale)

    async def _told(self, receipt: Receipt) -> None:
        """Until the person has heard who speaks now, so that the team's first words come after it; a conversation that
        is busy for longer does not hold up others."""
        try:
            async with asyncio.timeout(HEARS_WITHIN):
                await self.intake.finished(receipt.turn_id)
        except TimeoutError:
            return

    async def _accept(self, errand: Errand, content: Moderated | Told) -> Receipt:
        conversation = errand.conversation.reveal()
        inbound = Inbound(_event_id(errand), conversation.person, conversation.space, content, errand.at, errand.locale)
        return await self.intake.accept(inbound)

    async def _settle(self, errand: Errand, outcome: Outcome, problem: str = "") -> bool:
        return await self.errands.settle(errand, outcome, problem, ending(errand, outcome, self.clock.now()))


async def give_up(errands: Errands, now: Seconds) -> int:
    """Say of messages that nobody could deliver in time that they were not; returns of how many."""
    count = 0
    for errand in await errands.stale(now - WAITS, now, BATCH):
        platform = errand.conversation.reveal().person.platform
        problem = f"no running process served {platform} within {WAITS / 60:.0f} minutes"
        event = ending(errand, Outcome.UNDELIVERED, now)
        count += await errands.settle(errand, Outcome.UNDELIVERED, problem, event)
    return count


def ending(errand: Errand, outcome: Outcome, at: Seconds) -> Event:
    """The line of the trail that says how an errand ended."""
    action = Action.DELIVERED if outcome is Outcome.DELIVERED else Action.UNDELIVERED
    return Event(action, SYSTEM, at, {"errand": errand.kind.value})


def _event_id(errand: Errand) -> str:
    return f"review.{errand.id}"
