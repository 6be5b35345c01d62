"""Forget me, wired: what is erased in which order, and erasures that something cut off taken up again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.assembly.stores import Stores
from bot.chat import Undelivered
from bot.clock import Clock, Seconds
from bot.conversation.engine import Engine
from bot.conversation.farewell import farewell
from bot.conversation.speaking import Speaker
from bot.conversation.states import home
from bot.errors import StoreError
from bot.identity import Person
from bot.policy.schema import Policy
from bot.profile.erasure import NOBODY, Erasable, Forgetting, Holding, Pending, Receipt, in_order
from bot.telemetry.events import Event, Telemetry

LOOK_EVERY: Final[Seconds] = 1.0
"""How often erasures are looked for that another process asked for (``raise-bot privacy forget``), or that a store
which was down kept from ending."""
LONGEST: Final[Seconds] = 60.0
"""The longest pause while a store is down."""
LEFT_ALONE: Final[Seconds] = 20.0
"""How long the process that was asked has for it, before another one takes it for dead."""


@dataclass(frozen=True, slots=True)
class _Turns:
    """A person's turns, queued or running, save the one that erases."""

    engine: Engine
    spared: str

    async def erase(self, person: Person) -> int:
        return await self.engine.erase(str(home(person)), self.spared)


def forgetting(stores: Stores, clock: Clock, door: Erasable, faces: Sequence[Holding]) -> Forgetting:
    """What forgets people: the stores, the door, and what the faces keep."""
    kept: Mapping[str, Erasable] = {**stores.erasable, "door": door, **{each.name: each.store for each in faces}}
    in_order(kept)  # an undeclared name is a mistake in the code, and shows at start

    def holdings(spared: str) -> Sequence[Holding]:
        return in_order({**kept, "turns": _Turns(stores.engine, spared)})

    return Forgetting(holdings, stores.erasures, clock)


async def forget_now(forget: Forgetting, person: Person) -> Receipt:
    """Forget somebody who did not ask in a conversation, so that nobody is told."""
    with forget.alone(person):
        _, receipt = await forget.erase(person)
        await forget.finish(person, receipt)
    return receipt


async def _alone() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Completion:
    """Does what was noted and not finished, and tells the people. ``crowded`` says whether other processes live beside
    this one: what somebody asked for a moment ago is then left to the one that was asked."""

    forget: Forgetting
    policy: Policy
    speaker: Speaker
    telemetry: Telemetry
    crowded: Callable[[], Awaitable[bool]] = _alone

    async def catch_up(self) -> None:
        """Finish every erasure that nobody here is at. Raises StoreUnavailable."""
        for pending in await self._left():
            if pending.person in self.forget.running:
                continue  # a turn of theirs began it meanwhile
            with self.forget.alone(pending.person):
                await self._finish(pending)

    async def _finish(self, pending: Pending) -> None:
        if pending.erased:  # what they said since they were told, if they were, stays
            begun, receipt = pending, self.forget.receipt(pending)
        else:
            begun, receipt = await self.forget.erase(pending.person, pending.locale)
        if pending.locale != NOBODY:
            outcome = await self.speaker.say(farewell(self.policy, begun, receipt))
            if isinstance(outcome, Undelivered):
                self.telemetry.emit(Event.UNDELIVERED, problem=outcome.problem)
        await self.forget.finish(pending.person, receipt)
        self.telemetry.emit(Event.FORGOTTEN, count=receipt.total)

    async def _left(self) -> tuple[Pending, ...]:
        """What nobody is at."""
        found = await self.forget.interrupted()
        if not found or not await self.crowded():
            return found
        latest = self.forget.clock.now() - LEFT_ALONE
        return tuple(each for each in found if each.locale == NOBODY or each.asked_at <= latest)

    async def keep_catching_up(self) -> None:
        """Look again and again, until cancelled."""
        pause = LOOK_EVERY
        while True:
            await asyncio.sleep(pause)
            try:
                await self.catch_up()
            except StoreError as problem:
                self.telemetry.emit(Event.NOT_FORGOTTEN, problem=str(problem))
                pause = min(2 * pause, LONGEST)
            else:
                pause = LOOK_EVERY
