"""The crisis floor: what arrives is screened before anything is queued, and help is shown at once where it is needed.

It needs neither model, engine, database nor Redis (FIELD section 8): only the policy in memory and the platform the
person is on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from math import inf
from typing import Final, NamedTuple
from weakref import WeakValueDictionary

from cachetools import LRUCache

from bot.chat import Chose, Crisis, Inbound, Notice, Outbound, Platform, Said, Undelivered
from bot.clock import Clock, Seconds
from bot.conversation.rules import Rules
from bot.identity import DIRECT, Person
from bot.policy.phrases import phrase
from bot.private import Private
from bot.recent import RECENT
from bot.risk.crisis import crisis_message
from bot.risk.floor import shown_lately
from bot.risk.response import CrisisReply, response_for
from bot.risk.screen import Findings, findings_safely, judge_safely
from bot.risk.verdicts import RiskHistory, Unscreened, Verdict
from bot.severity import Severity
from bot.telemetry.events import Event as Log
from bot.telemetry.events import Telemetry

_REMEMBERED: Final = 50_000
"""People of whom signs of danger are remembered."""
_NO_HISTORY: Final = RiskHistory()


class _Heard(NamedTuple):
    """What the screening of an event came to, by which policy, and what it found (no text; None where it failed)."""

    outcome: Verdict | Unscreened
    policy_id: str
    findings: Findings | None


class CrisisFloor:
    """Screens events and shows help. Remembers of each person how much danger showed lately, and when help was shown;
    of the latest events what was found (no text) and whether help was shown."""

    def __init__(
        self, rules: Callable[[], Rules], platforms: Mapping[str, Platform], clock: Clock, telemetry: Telemetry
    ) -> None:
        self._rules = rules
        self._platforms = platforms
        self._clock = clock
        self._telemetry = telemetry
        self._histories: LRUCache[Person, RiskHistory] = LRUCache(_REMEMBERED)
        self._shown_at: LRUCache[Person, Seconds] = LRUCache(_REMEMBERED)
        self._shown: LRUCache[str, None] = LRUCache(RECENT)
        self._showing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._heard: LRUCache[str, _Heard] = LRUCache(RECENT)

    def shown(self, turn_id: str) -> bool:
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

    def heard(self, turn_id: str) -> bool:
        """Whether this event was screened here."""
        return turn_id in self._heard

    def screened(self, inbound: Inbound) -> Verdict | None:
        """The verdict when it calls for a reply at once, else None. A screen that fails counts as a crisis."""
        return self._screened(inbound, self._clock.now())

    def recall(self, inbound: Inbound) -> None:
        """Screen an event that came before this process knew of it, as of when it came: what it adds to what builds up
        has faded since."""
        history = self._histories.get(inbound.person, _NO_HISTORY)
        # Never before what is known already, which would then be taken for older than it is.
        latest = max((moment for _, moment in history.scores.values()), default=-inf)
        self._screened(inbound, max(latest, min(inbound.at, self._clock.now())))

    def _screened(self, inbound: Inbound, now: Seconds) -> Verdict | None:
        match inbound.content:
            case Said(text) | Chose(_, Private() as text):
                pass
            case _:
                return None
        heard = self._heard.get(inbound.turn_id)
        if heard is None:  # an event sent again adds nothing to what has built up
            heard = self._heard[inbound.turn_id] = self._judge(inbound, text.reveal(), now)
        return _crisis_in(heard.outcome)

    def _judge(self, inbound: Inbound, text: str, now: Seconds) -> _Heard:
        rules, person = self._rules(), inbound.person
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

    async def show_once(self, inbound: Inbound, verdict: Verdict, *, again: bool = False) -> None:
        """Unless it was shown here; where it is being shown at this moment, see what comes of that first. ``again``:
        another process was sent the event first, and does not say what became of it."""
        turn_id = inbound.turn_id
        async with self._showing.setdefault(turn_id, asyncio.Lock()):
            if turn_id not in self._shown:
                await self._show(inbound, verdict, again)

    async def _show(self, inbound: Inbound, verdict: Verdict, again: bool) -> None:
        rules, person, now = self._rules(), inbound.person, self._clock.now()
        repeat = shown_lately(self._shown_at.get(person), now, rules.cooldown)
        message = crisis_message(rules.policy, inbound.locale, verdict, repeat=repeat)
        if await self.deliver(inbound, "crisis", message, again=again):
            self._shown[inbound.turn_id] = None
            self._shown_at[person] = now
            self._telemetry.emit(Log.CRISIS_SHOWN, turn=inbound.turn_id, severity=verdict.severity)
            if inbound.space != DIRECT:
                line = Notice(Private(phrase(rules.policy, inbound.locale, "crisis.place")), private=True, pointer=True)
                await self.deliver(inbound, "crisis-place", line, again=again)

    async def deliver(
        self,
        inbound: Inbound,
        name: str,
        body: Crisis | Notice,
        failed: Log = Log.CRISIS_UNDELIVERED,
        *,
        again: bool = False,
    ) -> bool:
        platform = self._platforms.get(inbound.person.platform)
        if platform is None:
            return False
        turn = inbound.turn_id
        to = inbound.person
        message = Outbound(f"{turn}:{name}", to, inbound.space, body, turn, inbound.locale, again=again)
        outcome = await platform.deliver(message)
        if isinstance(outcome, Undelivered):
            self._telemetry.emit(failed, turn=turn, problem=outcome.problem)
            return False
        return True

    def forget(self, person: Person) -> int:
        """Forget what is remembered of a person; returns of how many kinds there was something."""
        history = self._histories.pop(person, _NO_HISTORY)
        return bool(history.scores) + (self._shown_at.pop(person, None) is not None)


def _crisis_in(outcome: Verdict | Unscreened) -> Verdict | None:
    if isinstance(outcome, Unscreened):
        return Verdict(Severity.HIGH, rule="screen_failed")
    return outcome if isinstance(response_for(outcome), CrisisReply) else None
