"""Screening inside a turn: what the deterministic screen and the model found, and what follows from it."""

from __future__ import annotations

from bot.chat import Inbound, Notice
from bot.clock import Seconds
from bot.conversation.effects import Alert
from bot.conversation.work import Work
from bot.frozen import replace
from bot.identity import DIRECT
from bot.policy.schema import OnFailure
from bot.private import Private
from bot.risk.crisis import crisis_message
from bot.risk.flags import Flag
from bot.risk.floor import shown_lately
from bot.risk.response import CrisisReply, FlagOnly, Proceed, response_for
from bot.risk.screen import findings_safely, judge_safely
from bot.risk.verdicts import Unscreened, Verdict
from bot.severity import Category, Severity


def screened(work: Work, text: str) -> tuple[Work, bool]:
    """Screen what the person wrote; True when the turn ends here (a crisis was answered)."""
    screen = work.rules.screen
    findings = work.arrived.findings if work.arrived.findings is not None else findings_safely(screen, text)
    outcome, risk = judge_safely(screen, findings, work.thread.risk, work.arrived.now)
    if risk is not work.thread.risk:
        work = work.on(replace(work.thread, risk=risk))
    if isinstance(outcome, Unscreened):
        return _unscreened(work, text)
    heard = work.arrived.crisis_shown or work.arrived.in_danger
    if heard and not isinstance(response_for(outcome), CrisisReply):
        # The door hears a person in all places together, and saw danger build up that shows in none of them alone. They
        # were given help, or are given it now: neither a question nor an answer as if nothing had been.
        outcome = replace(outcome, severity=Severity.HIGH, rule=outcome.rule or "built_up")
    work = work.judged(outcome)
    match response_for(outcome):
        case CrisisReply():
            return crisis(work.heard(Private(text)), outcome), True
        case FlagOnly():
            return alert(work, outcome), False
        case Proceed():
            return work, False


def screened_by_model(work: Work, severity: Severity, category: Category | None) -> tuple[Work, bool]:
    """What the model saw in a reply adds to the screen, and never takes from it."""
    if severity is Severity.NONE:
        return work, False
    verdict = Verdict(severity, category or Category.SELF_HARM, rule="model")
    work = work.judged(verdict)
    match response_for(verdict):
        case CrisisReply():
            return crisis(work, verdict), True
        case FlagOnly():
            return alert(work, verdict), False
        case Proceed():
            return alert(work, verdict), False


def crisis(work: Work, verdict: Verdict) -> Work:
    """Resources at once, no question, people told. What was asked before is set aside."""
    now, thread = work.arrived.now, work.thread
    repeat = shown_lately(thread.crisis_at, now, work.rules.cooldown)
    if not work.arrived.crisis_shown:
        message = crisis_message(work.rules.policy, work.locale, verdict, repeat=repeat)
        work = work.say(message)
        if work.arrived.inbound.space != DIRECT:
            work = work.say(Notice(Private(work.phrase("crisis.place")), private=True, pointer=True))
    thread = replace(thread, crisis_at=now, question=None, query=None, because="a crisis was answered at once")
    return alert(work.on(thread).judged(verdict), verdict).decided("crisis")


def alert(work: Work, verdict: Verdict) -> Work:
    """Tell moderators."""
    return work.do(Alert(flag_of(work.arrived.inbound, verdict, work.rules.policy.id, work.arrived.now)))


def flag_of(inbound: Inbound, verdict: Verdict, policy_id: str, now: Seconds) -> Flag:
    """What moderators are told of an event."""
    return Flag(
        id=f"{inbound.turn_id}:{verdict.category or 'general'}",
        conversation=inbound.conversation,
        severity=verdict.severity,
        category=verdict.category,
        rule=verdict.rule or "unnamed",
        subject=verdict.subject,
        policy_id=policy_id,
        turn=inbound.turn_id,
        at=now,
        locale=inbound.locale,
    )


def _unscreened(work: Work, text: str) -> tuple[Work, bool]:
    """The screen itself failed. Where a category must fail closed the person gets resources; people are told anyway."""
    closed = any(each.on_failure is OnFailure.CLOSED for each in work.rules.policy.risk.values())
    verdict = Verdict(Severity.HIGH, None, rule="screen_failed")
    if closed:
        return crisis(work.heard(Private(text)), verdict), True
    return alert(work, verdict), False
