"""The door of the core: a crisis is answered here, before anything is queued; then the event is claimed and queued.

Events of one person are claimed and queued in the order in which they came.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple
from weakref import WeakValueDictionary

from cachetools import LRUCache

from bot.chat import Inbound, Moderated, Notice, Receipt, Said, Stopped, Told
from bot.clock import Clock, Seconds
from bot.conversation.crisis import CrisisFloor
from bot.conversation.effects import Journal
from bot.conversation.engine import Engine
from bot.conversation.ledger import Ledger
from bot.conversation.limits import ALWAYS, Limiter
from bot.conversation.requests import requested
from bot.conversation.rules import Rules
from bot.conversation.speaking import PAUSES
from bot.conversation.states import State, home
from bot.errors import StoreError, StoreUnavailable, Unreadable
from bot.frozen import replace
from bot.identity import Person
from bot.policy.phrases import phrase
from bot.private import Private
from bot.recent import RECENT
from bot.risk.verdicts import Verdict
from bot.telemetry.events import Event as Log
from bot.telemetry.events import Telemetry
from bot.within import within

_CLAIM_SECONDS: Final = 2.0
"""Slack wants its acknowledgement within 3 s; a claim that takes longer counts as not made, and is sent again."""
_CRISIS_CLAIM_SECONDS: Final = 0.25
"""A crisis waits for the ledger, and for its turn there, no longer than this before it is answered (half a second is
promised)."""
_ELSEWHERE_SECONDS: Final = 1.5
"""How long a process that was sent the event too waits for the one that claimed it to have answered. After that it may
be dead: help that comes twice is better than none."""
_LOOK_SECONDS: Final = 0.05
_RECALLED_AT_ONCE: Final = 100
"""Events that are read at a time; their screening takes some tens of milliseconds, in which nothing else happens."""
_STOPPABLE: Final = 3
"""Turns of a person among which a stop finds the one it means."""


class _Asked(NamedTuple):
    """What a person may want to stop; ``at`` is when it came about."""

    turn_id: str
    at: Seconds


class FrontDoor:
    """The Intake of the running application."""

    def __init__(
        self,
        *,
        rules: Callable[[], Rules],
        floor: CrisisFloor,
        ledger: Ledger[State, Journal],
        engine: Engine,
        clock: Clock,
        telemetry: Telemetry,
        withdraw: Callable[[Inbound], Awaitable[None]] | None = None,
        limiter: Limiter | None = None,
    ) -> None:
        self._rules = rules
        self._floor = floor
        self._ledger = ledger
        self._engine = engine
        self._clock = clock
        self._telemetry = telemetry
        self._withdraw = withdraw
        self._limiter = limiter
        self._latest: LRUCache[Person, tuple[_Asked, ...]] = LRUCache(RECENT)
        self._order: WeakValueDictionary[Person, asyncio.Lock] = WeakValueDictionary()
        self._helping: dict[str, asyncio.Future[bool]] = {}

    async def recall(self) -> None:
        """Hear what other processes claimed and did not end, before any of it is worked on. Danger that builds up over
        it is known here then, and an event that is sent again is judged by what was known when it came."""
        turns = [turn_id for turn_id, _ in await self._ledger.open_turns() if not self._floor.heard(turn_id)]
        for first in range(0, len(turns), _RECALLED_AT_ONCE):
            for inbound in await asyncio.gather(*map(self._kept, turns[first : first + _RECALLED_AT_ONCE])):
                if inbound is not None:
                    self._floor.recall(inbound)

    async def _kept(self, turn_id: str) -> Inbound | None:
        try:
            row = await self._ledger.turn(turn_id)
        except Unreadable:
            return None
        return None if row is None else row.inbound

    async def resume(self) -> int:
        """Queue what an earlier process claimed and did not end; returns how many there were."""
        await self.recall()
        turns = await self._ledger.open_turns()
        for turn_id, conversation in turns:
            await self._engine.submit(turn_id, str(home(conversation.person)))
        return len(turns)

    async def accept(self, inbound: Inbound) -> Receipt:
        arrived = {"platform": inbound.person.platform, "kind": type(inbound.content).__name__.lower()}
        self._telemetry.emit(Log.ARRIVED, turn=inbound.turn_id, **arrived)
        inbound = _legible(inbound)
        verdict = self._floor.screened(inbound)
        person = inbound.person
        lock = self._order.setdefault(person, asyncio.Lock())
        if verdict is None:
            async with lock:
                claimed = await self._claim(inbound, _CLAIM_SECONDS)
                why = await self._limiter.refused(inbound) if claimed and self._limiter is not None else None
                if why is not None and not self._must_work(inbound):
                    return await self._turned_away(inbound, why)
                return await self._queued(inbound, claimed)
        return await self._help(inbound, verdict, lock)

    async def _help(self, inbound: Inbound, verdict: Verdict, lock: asyncio.Lock) -> Receipt:
        """Of several copies of one event, as platforms send them, the first shows help; the others wait for it."""
        turn_id = inbound.turn_id
        while (under_way := self._helping.get(turn_id)) is not None:
            if await asyncio.shield(under_way):
                return Receipt(turn_id, duplicate=True, crisis=True)
        helped = self._helping[turn_id] = asyncio.get_running_loop().create_future()
        try:
            receipt = await self._help_first(inbound, verdict, lock)
            helped.set_result(True)
            return receipt
        finally:
            del self._helping[turn_id]
            if not helped.done():
                helped.set_result(False)

    async def _help_first(self, inbound: Inbound, verdict: Verdict, lock: asyncio.Lock) -> Receipt:
        # Earlier messages of the person may hold the lock, and wait for a ledger that does not answer: help does not.
        place, deadline = asyncio.create_task(lock.acquire()), _now() + _CRISIS_CLAIM_SECONDS
        try:
            await asyncio.wait({place}, timeout=_CRISIS_CLAIM_SECONDS)
            if not place.done():
                await self._floor.show_once(inbound, verdict)
            await place
            return await self._accept_crisis(inbound, verdict, deadline)
        finally:
            if place.done() and not place.cancelled():
                lock.release()
            place.cancel()

    async def _accept_crisis(self, inbound: Inbound, verdict: Verdict, deadline: float) -> Receipt:
        turn_id = inbound.turn_id
        # A slow ledger is not waited for, and not given up either: another process would answer once more.
        claim = asyncio.create_task(self._claim(inbound, _CLAIM_SECONDS))
        try:
            await asyncio.wait({claim}, timeout=max(0.0, deadline - _now()))
            repeated = claim.done() and claim.exception() is None and not claim.result()
            if not (repeated and await self._shown_elsewhere(turn_id)):
                await self._floor.show_once(inbound, verdict, again=repeated)
            claimed = await claim
        finally:
            claim.cancel()
        if self._floor.shown(turn_id):
            await self._ledger.crisis_shown(turn_id)  # before it is queued, where any process may take it
        elif await self._ledger.unanswered(turn_id):
            problem = "help did not arrive, and the turn that would try again was erased with its person"
            raise StoreUnavailable(f"{problem}: the event is to be sent again")
        return await self._queued(inbound, claimed, crisis=True)

    async def erase(self, person: Person) -> int:
        """Forget what is remembered here of a person. Their turns go with everything else, so whoever has not been
        shown help yet is shown it now."""
        for turn_id, _ in await self._ledger.open_turns(of=person):
            await self._help_before_erasing(turn_id)
        self._latest.pop(person, None)
        return self._floor.forget(person)

    async def _help_before_erasing(self, turn_id: str) -> None:
        try:
            row = await self._ledger.turn(turn_id)
        except Unreadable:
            return
        if row is None or row.crisis_shown or (verdict := self._floor.screened(row.inbound)) is None:
            return
        for pause in (0.0, *PAUSES):  # as often as the turn, which goes, would have tried
            await asyncio.sleep(pause)
            await self._floor.show_once(row.inbound, verdict)
            if self._floor.shown(turn_id):
                await self._ledger.crisis_shown(turn_id)
                return

    async def finished(self, turn_id: str) -> None:
        await self._engine.finished(turn_id)

    async def _shown_elsewhere(self, turn_id: str) -> bool:
        """Whether the process that claimed this event first has replied to it, or its turn has ended since, other than
        by being erased. Only then may it be queued again: a turn that begins sooner would reply too."""
        try:
            async with asyncio.timeout(_ELSEWHERE_SECONDS):
                while True:
                    row = await self._ledger.turn(turn_id)
                    if row is None:
                        return not await self._ledger.unanswered(turn_id)
                    if row.crisis_shown:
                        return True
                    await asyncio.sleep(_LOOK_SECONDS)
        except (TimeoutError, StoreError):
            return False

    # -- queueing ----------------------------------------------------------------------------------------------------

    async def _claim(self, inbound: Inbound, patience: Seconds) -> bool:
        claim = self._ledger.claim(inbound.turn_id, inbound.conversation, inbound, self._clock.now())
        try:
            return await within(asyncio.get_running_loop().time() + patience, claim)
        except TimeoutError:
            problem = (
                f"the ledger did not answer within {patience:g} s; the event was not queued and is to be sent again"
            )
            self._telemetry.emit(Log.NOT_CLAIMED, turn=inbound.turn_id, problem=problem)
            raise StoreUnavailable(problem) from None
        except Unreadable as damaged:
            # The person's own key is damaged: for them it is as if the ledger were down, and a crisis is answered.
            self._telemetry.emit(Log.UNREADABLE, turn=inbound.turn_id, store="keys", problem=str(damaged))
            raise StoreUnavailable(str(damaged)) from None

    async def _queued(self, inbound: Inbound, claimed: bool, *, crisis: bool = False) -> Receipt:
        person, turn_id = inbound.person, inbound.turn_id
        if claimed and self._withdraw is not None:
            await self._withdraw(inbound)
        if isinstance(inbound.content, Stopped) and claimed:
            await self._cancel(inbound.content.turn or self._meant(inbound))
        # A repeated event whose turn is still open may have been claimed and then not queued: the engine knows.
        if claimed or await self._ledger.turn(turn_id) is not None:
            await self._engine.submit(turn_id, str(home(person)))
            if not crisis and not isinstance(inbound.content, Moderated | Told):
                # The person stops what they asked for: neither help nor word of it to moderators is called off.
                others = (each for each in self._latest.get(person, ()) if each.turn_id != turn_id)
                self._latest[person] = (*others, _Asked(turn_id, inbound.at))[-_STOPPABLE:]
        return Receipt(turn_id, duplicate=not claimed, crisis=crisis)

    def _must_work(self, inbound: Inbound) -> bool:
        """Whether it asks in plain words for what is never too much: as a command no limit counts it."""
        content = inbound.content
        return isinstance(content, Said) and requested(self._rules().requests, content.text.reveal()) in ALWAYS

    async def _turned_away(self, inbound: Inbound, why: str) -> Receipt:
        """Too much was asked for: the event stays known, so that its repetitions are, and gets a line and no turn."""
        turn_id = inbound.turn_id
        await self._ledger.close(turn_id)
        self._telemetry.emit(Log.TURNED_AWAY, turn=turn_id, kind=why)
        if why:
            line = Notice(Private(phrase(self._rules().policy, inbound.locale, why)), private=True)
            await self._floor.deliver(inbound, "turned-away", line, Log.UNDELIVERED)
        return Receipt(turn_id)

    def _meant(self, stop: Inbound) -> str | None:
        """The latest that was asked before the stop, which may come after what was asked since."""
        before = [each for each in self._latest.get(stop.person, ()) if each.at <= stop.at]
        return max(reversed(before), key=lambda each: each.at).turn_id if before else None

    async def _cancel(self, turn_id: str | None) -> None:
        if turn_id is not None:
            # Closed first: cut off between the two, the turn finds nothing left to do. The other way round nobody would
            # ever close it.
            await self._ledger.close(turn_id)
            await self._engine.cancel(turn_id)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _legible(inbound: Inbound) -> Inbound:
    """What cannot be stored or sent on (half a surrogate pair, NUL) is replaced, so that the rest can be answered."""
    content = inbound.content
    if not isinstance(content, Said):
        return inbound
    text = content.text.reveal()
    tidy = text.encode("utf-8", "replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return inbound if tidy == text else replace(inbound, content=Said(Private(tidy)))
