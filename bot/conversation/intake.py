"""The door of the core: a crisis is answered here, before anything is queued; then the event is claimed and queued.

The crisis floor needs neither model, engine, database nor Redis (FIELD section 8): only the policy in memory and the
platform the person is on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple
from weakref import WeakValueDictionary

from cachetools import LRUCache

from bot.chat import (
    Chose,
    Crisis,
    Inbound,
    Moderated,
    Notice,
    Outbound,
    Platform,
    Receipt,
    Said,
    Stopped,
    Told,
    Undelivered,
)
from bot.clock import Clock, Seconds
from bot.conversation.effects import Journal
from bot.conversation.engine import Engine
from bot.conversation.ledger import Ledger
from bot.conversation.limits import ALWAYS, Limiter
from bot.conversation.requests import requested
from bot.conversation.rules import Rules
from bot.conversation.states import State, home
from bot.errors import StoreError, StoreUnavailable, Unreadable
from bot.frozen import replace
from bot.identity import DIRECT, Person
from bot.policy.phrases import phrase
from bot.private import Private
from bot.risk.crisis import crisis_message
from bot.risk.floor import shown_lately
from bot.risk.response import CrisisReply, response_for
from bot.risk.screen import Findings, findings_safely, judge_safely
from bot.risk.verdicts import RiskHistory, Unscreened, Verdict
from bot.severity import Severity
from bot.telemetry.events import Event as Log
from bot.telemetry.events import Telemetry

_CLAIM_SECONDS: Final = 2.0
"""Slack wants its acknowledgement within 3 s; a claim that takes longer counts as not made, and is sent again."""
_CRISIS_CLAIM_SECONDS: Final = 0.2
"""A crisis waits for the ledger no longer than this before it is answered."""
_ELSEWHERE_SECONDS: Final = 1.5
"""How long a process that was sent the event too waits for the one that claimed it to have answered. After that it may
be dead: help that comes twice is better than none."""
_LOOK_SECONDS: Final = 0.05
_REMEMBERED: Final = 50_000
"""People of whom signs of danger are remembered."""
_LATEST: Final = 15_000
"""Events remembered of all: more than wait at once (10,000), and few enough that the memory they take is reached within
minutes."""
_NO_HISTORY: Final = RiskHistory()


class _Heard(NamedTuple):
    """What the screening of an event came to, by which policy, and what it found (no text; None where it failed)."""

    outcome: Verdict | Unscreened
    policy_id: str
    findings: Findings | None


class FrontDoor:
    """The Intake of the running application."""

    def __init__(
        self,
        *,
        rules: Callable[[], Rules],
        ledger: Ledger[State, Journal],
        engine: Engine,
        platforms: Mapping[str, Platform],
        clock: Clock,
        telemetry: Telemetry,
        withdraw: Callable[[Inbound], Awaitable[None]] | None = None,
        limiter: Limiter | None = None,
    ) -> None:
        self._rules = rules
        self._ledger = ledger
        self._engine = engine
        self._platforms = platforms
        self._clock = clock
        self._telemetry = telemetry
        self._withdraw = withdraw
        self._limiter = limiter
        self._histories: LRUCache[Person, RiskHistory] = LRUCache(_REMEMBERED)
        self._shown_at: LRUCache[Person, Seconds] = LRUCache(_REMEMBERED)
        self._shown: LRUCache[str, None] = LRUCache(_LATEST)
        self._showing: set[str] = set()
        self._heard: LRUCache[str, _Heard] = LRUCache(_LATEST)
        self._latest: LRUCache[Person, str] = LRUCache(_LATEST)
        self._order: WeakValueDictionary[Person, asyncio.Lock] = WeakValueDictionary()

    def crisis_shown(self, turn_id: str) -> bool:
        """Whether resources went out for this event already."""
        return turn_id in self._shown

    def in_danger(self, turn_id: str) -> bool:
        """Whether this event was taken for a crisis, of all that is heard of the person, though no reply may have
        arrived."""
        heard = self._heard.get(turn_id)
        return heard is not None and _crisis_in(heard.outcome) is not None

    def found(self, turn_id: str, policy_id: str) -> Findings | None:
        """What the screening of this event found by this policy (no text); None where it is to be screened again."""
        heard = self._heard.get(turn_id)
        return heard.findings if heard is not None and heard.policy_id == policy_id else None

    async def resume(self) -> int:
        """Queue what an earlier process claimed and did not end; returns how many there were."""
        turns = await self._ledger.open_turns()
        for turn_id, conversation in turns:
            await self._engine.submit(turn_id, str(home(conversation.person)))
        return len(turns)

    async def accept(self, inbound: Inbound) -> Receipt:
        arrived = {"platform": inbound.person.platform, "kind": type(inbound.content).__name__.lower()}
        self._telemetry.emit(Log.ARRIVED, turn=inbound.turn_id, **arrived)
        inbound = _legible(inbound)
        verdict = self._screened(inbound)
        person = inbound.person
        lock = self._order.setdefault(person, asyncio.Lock())
        if verdict is None:
            async with lock:
                claimed = await self._claim(inbound, _CLAIM_SECONDS)
                why = await self._limiter.refused(inbound) if claimed and self._limiter is not None else None
                if why is not None and not self._must_work(inbound):
                    return await self._turned_away(inbound, why)
                return await self._queued(inbound, claimed)
        # Earlier messages of the person may hold the lock, and wait for a ledger that does not answer: help does not.
        place = asyncio.create_task(lock.acquire())
        try:
            await asyncio.wait({place}, timeout=_CRISIS_CLAIM_SECONDS)
            if not place.done():
                await self._show_once(inbound, verdict)
            await place
            return await self._accept_crisis(inbound, verdict)
        finally:
            if place.done() and not place.cancelled():
                lock.release()
            place.cancel()

    async def _accept_crisis(self, inbound: Inbound, verdict: Verdict) -> Receipt:
        turn_id = inbound.turn_id
        # A slow ledger is not waited for, and not given up either: another process would answer once more.
        claim = asyncio.create_task(self._claim(inbound, _CLAIM_SECONDS))
        try:
            await asyncio.wait({claim}, timeout=_CRISIS_CLAIM_SECONDS)
            repeated = claim.done() and claim.exception() is None and not claim.result()
            if not (repeated and await self._shown_elsewhere(turn_id)):
                await self._show_once(inbound, verdict)
            claimed = await claim
        finally:
            claim.cancel()
        if turn_id in self._shown:
            await self._ledger.crisis_shown(turn_id)  # before it is queued, where any process may take it
        return await self._queued(inbound, claimed, crisis=True)

    async def erase(self, person: Person) -> int:
        """Forget what is remembered here of a person: how much danger showed lately, and when help was shown. Their
        turns go with everything else, so whoever has not been shown help yet is shown it now."""
        for turn_id, conversation in await self._ledger.open_turns():
            if conversation.person == person:
                await self._help_before_erasing(turn_id)
        self._latest.pop(person, None)
        history = self._histories.pop(person, _NO_HISTORY)
        return bool(history.scores) + (self._shown_at.pop(person, None) is not None)

    async def _help_before_erasing(self, turn_id: str) -> None:
        try:
            row = await self._ledger.turn(turn_id)
        except Unreadable:
            return
        if row is None or row.crisis_shown or (verdict := self._screened(row.inbound)) is None:
            return
        await self._show_once(row.inbound, verdict)
        if turn_id in self._shown:
            await self._ledger.crisis_shown(turn_id)

    async def finished(self, turn_id: str) -> None:
        await self._engine.finished(turn_id)

    # -- crisis ------------------------------------------------------------------------------------------------------

    def _screened(self, inbound: Inbound) -> Verdict | None:
        """The verdict when it calls for a reply at once, else None. A screen that fails counts as a crisis."""
        match inbound.content:
            case Said(text) | Chose(_, Private() as text):
                pass
            case _:
                return None
        heard = self._heard.get(inbound.turn_id)
        if heard is None:  # an event sent again adds nothing to what has built up
            heard = self._heard[inbound.turn_id] = self._judge(inbound, text.reveal())
        return _crisis_in(heard.outcome)

    def _judge(self, inbound: Inbound, text: str) -> _Heard:
        rules, person, now = self._rules(), inbound.person, self._clock.now()
        history = self._histories.get(person, _NO_HISTORY)
        findings = findings_safely(rules.screen, text)
        for each in rules.shadow.findings(text):
            self._telemetry.emit(
                Log.SHADOW_FOUND, rule=each.rule, category=each.category, severity=each.severity, policy=rules.policy.id
            )
        outcome, after = judge_safely(rules.screen, findings, history, now)
        if after is not _NO_HISTORY:
            self._histories[person] = after
        if isinstance(outcome, Unscreened):
            self._telemetry.emit(Log.UNSCREENED, turn=inbound.turn_id, problem=outcome.problem)
        return _Heard(outcome, rules.policy.id, findings if isinstance(findings, Findings) else None)

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

    async def _show_once(self, inbound: Inbound, verdict: Verdict) -> None:
        """Unless it was shown here, or is being shown at this moment to the same event sent twice."""
        turn_id = inbound.turn_id
        if turn_id in self._shown or turn_id in self._showing:
            return
        self._showing.add(turn_id)
        try:
            await self._show(inbound, verdict)
        finally:
            self._showing.discard(turn_id)

    async def _show(self, inbound: Inbound, verdict: Verdict) -> None:
        rules, person, now = self._rules(), inbound.person, self._clock.now()
        repeat = shown_lately(self._shown_at.get(person), now, rules.cooldown)
        message = crisis_message(rules.policy, inbound.locale, verdict, repeat=repeat)
        if await self._deliver(inbound, "crisis", message):
            self._shown[inbound.turn_id] = None
            self._shown_at[person] = now
            self._telemetry.emit(Log.CRISIS_SHOWN, turn=inbound.turn_id, severity=verdict.severity)
            if inbound.space != DIRECT:
                line = Notice(Private(phrase(rules.policy, inbound.locale, "crisis.place")), private=True, pointer=True)
                await self._deliver(inbound, "crisis-place", line)

    async def _deliver(
        self, inbound: Inbound, name: str, body: Crisis | Notice, failed: Log = Log.CRISIS_UNDELIVERED
    ) -> bool:
        platform = self._platforms.get(inbound.person.platform)
        if platform is None:
            return False
        turn = inbound.turn_id
        message = Outbound(f"{turn}:{name}", inbound.person, inbound.space, body, turn, inbound.locale)
        outcome = await platform.deliver(message)
        if isinstance(outcome, Undelivered):
            self._telemetry.emit(failed, turn=turn, problem=outcome.problem)
            return False
        return True

    # -- queueing ----------------------------------------------------------------------------------------------------

    async def _claim(self, inbound: Inbound, within: Seconds) -> bool:
        try:
            async with asyncio.timeout(within):
                return await self._ledger.claim(inbound.turn_id, inbound.conversation, inbound, self._clock.now())
        except TimeoutError:
            problem = f"the ledger did not answer within {within:g} s; the event was not queued and is to be sent again"
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
            await self._cancel(inbound.content.turn or self._latest.get(person))
        # A repeated event whose turn is still open may have been claimed and then not queued: the engine knows.
        if claimed or await self._ledger.turn(turn_id) is not None:
            await self._engine.submit(turn_id, str(home(person)))
            if not crisis and not isinstance(inbound.content, Moderated | Told):
                # The person stops what they asked for: neither help nor word of it to moderators is called off.
                self._latest[person] = turn_id
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
            await self._deliver(inbound, "turned-away", line, Log.UNDELIVERED)
        return Receipt(turn_id)

    async def _cancel(self, turn_id: str | None) -> None:
        if turn_id is not None:
            # Closed first: cut off between the two, the turn finds nothing left to do. The other way round nobody would
            # ever close it.
            await self._ledger.close(turn_id)
            await self._engine.cancel(turn_id)


def _crisis_in(outcome: Verdict | Unscreened) -> Verdict | None:
    if isinstance(outcome, Unscreened):
        return Verdict(Severity.HIGH, rule="screen_failed")
    return outcome if isinstance(response_for(outcome), CrisisReply) else None


def _legible(inbound: Inbound) -> Inbound:
    """What cannot be stored or sent on (half a surrogate pair, NUL) is replaced, so that the rest can be answered."""
    content = inbound.content
    if not isinstance(content, Said):
        return inbound
    text = content.text.reveal()
    tidy = text.encode("utf-8", "replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return inbound if tidy == text else replace(inbound, content=Said(Private(tidy)))
