"""Each step of a case: from the case as it is to the step to keep. Pure; raises ReviewError where it may not be.

Who holds a case is judged by the clock, not by a timer: a claim that ran out is none, even before anybody noticed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from bot.clock import Seconds
from bot.errors import CaseHeld, NotAllowed, TooLate
from bot.private import Private
from bot.review.cases import (
    SYSTEM,
    Action,
    Case,
    CaseState,
    Claim,
    Decision,
    Errand,
    ErrandKind,
    Event,
    Note,
    NoteKind,
    Ruling,
)
from bot.review.checks import held_by, living, readable
from bot.review.judgements import Contact, Escalate, Judgement, NoRisk, TakeOver, Watch
from bot.review.limits import Limits
from bot.review.moderators import Moderator, Role
from bot.review.store import Ruled, Step
from bot.review.trail import details

LONGEST = 4_000
"""Characters of a note, a reason or a message."""


def seen(case: Case, who: Moderator, now: Seconds) -> Step:
    """Somebody looked at the case."""
    first = now if case.first_seen_at is None else case.first_seen_at
    return step(replace(case, first_seen_at=first), Event(Action.SEEN, who.name, now))


def claimed(case: Case, who: Moderator, now: Seconds, limits: Limits) -> Step:
    """Raises CaseHeld while another moderator holds it, TooLate when it is decided or closed."""
    living(case)
    holder = case.holder(now)
    if holder is not None and holder != who.name and case.claim is not None:
        message = f"case {case.id} is held by {holder} for another {case.claim.until - now:.0f} s"
        raise CaseHeld(message, holder, case.claim.until)
    if not case.pending:
        raise TooLate(
            f"case {case.id} is {case.state}: there is nothing to claim; undo the decision to take it up again"
        )
    first = now if case.first_seen_at is None else case.first_seen_at
    taken = replace(case, state=CaseState.CLAIMED, claim=_claim(case, who.name, now, limits), first_seen_at=first)
    return step(taken, Event(Action.CLAIMED, who.name, now))


def extended(case: Case, who: Moderator, now: Seconds, limits: Limits) -> Step:
    """While a conversation is taken over, it is also told anew that it is: its state is forgotten when it is idle."""
    held_by(case, who, now)
    event = Event(Action.EXTENDED, who.name, now)
    made = step(replace(case, claim=_claim(case, who.name, now, limits)), event)
    return replace(made, errand=_errand(made.case, ErrandKind.TAKE_OVER, event)) if case.held else made


def released(case: Case, who: Moderator, now: Seconds) -> Step:
    """Back into the queue; a lead may also release what somebody else holds. The bot speaks again."""
    living(case)
    if who.role is not Role.LEAD or case.holder(now) is None:
        held_by(case, who, now)
    return freed(case, Event(Action.RELEASED, who.name, now))


def freed(case: Case, event: Event) -> Step:
    """The case without its claim; a conversation that was taken over is handed back."""
    made = step(replace(case, state=CaseState.OPEN, claim=None, held=False), event)
    return replace(made, errand=_errand(made.case, ErrandKind.HAND_BACK, event)) if case.held else made


def decided(case: Case, who: Moderator, judgement: Judgement, now: Seconds, limits: Limits) -> Step:
    """Raises NotHeld for a case that was released or decided meanwhile."""
    held_by(case, who, now)
    ruling = _ruling(judgement)
    decision = Decision(ruling, who.name, now, now + limits.undo, case.queue)
    event = Event(Action.DECIDED, who.name, now, details(ruling=ruling))
    ruled = Ruled(ruling, case.since)
    match judgement:
        case NoRisk():
            return replace(_settled(case, decision, event), ruled=ruled)
        case Watch(seconds):
            later = now + (limits.watch if seconds is None else seconds)
            return replace(_settled(case, replace(decision, follow_up_at=later), event), ruled=ruled)
        case Contact(text):
            made = _settled(case, decision, event)
            if made.errand is not None:
                raise NotAllowed(f"case {case.id} is taken over: send a message, or hand the conversation back first")
            return replace(made, ruled=ruled, errand=_errand(made.case, ErrandKind.CONTACT, event, text))
        case Escalate():
            return replace(_escalated(case, decision, event, limits), ruled=Ruled(None, case.since))
        case TakeOver():
            return replace(_taken_over(case, decision, event, limits), ruled=ruled)
        case _:
            assert_never(judgement)


def _ruling(judgement: Judgement) -> Ruling:
    match judgement:
        case NoRisk():
            return Ruling.NO_RISK
        case Watch():
            return Ruling.WATCH
        case Contact():
            return Ruling.CONTACT
        case Escalate():
            return Ruling.ESCALATE
        case TakeOver():
            return Ruling.TAKE_OVER
        case _:
            assert_never(judgement)


def _settled(case: Case, decision: Decision, event: Event) -> Step:
    after = replace(case, state=CaseState.DECIDED, claim=None, held=False, opinion_wanted=False, decision=decision)
    made = step(after, event)
    return replace(made, errand=_errand(made.case, ErrandKind.HAND_BACK, event)) if case.held else made


def _escalated(case: Case, decision: Decision, event: Event, limits: Limits) -> Step:
    queue = limits.next_queue.get(case.queue)
    if queue is None:
        raise NotAllowed(
            f"case {case.id} is in the last queue ({case.queue}): there is nobody further to escalate it to"
        )
    return freed(
        replace(
            case, queue=queue, decision=decision, deadline=event.at + limits.deadlines[case.severity], escalated_at=None
        ),
        replace(event, details={**event.details, "queue": queue}),
    )


def _taken_over(case: Case, decision: Decision, event: Event, limits: Limits) -> Step:
    if case.held:
        raise NotAllowed(f"case {case.id} is taken over already")
    claim = Claim(event.by, event.at + limits.take_over)
    made = step(replace(case, held=True, decision=decision, claim=claim), event)
    return replace(made, errand=_errand(made.case, ErrandKind.TAKE_OVER, event))


def handed_back(case: Case, who: Moderator, now: Seconds, limits: Limits) -> Step:
    """The bot speaks again; the case stays with its moderator, who still decides it."""
    held_by(case, who, now)
    if not case.held:
        raise NotAllowed(f"case {case.id} is not taken over: there is nothing to hand back")
    event = Event(Action.HANDED_BACK, who.name, now)
    made = step(replace(case, held=False, claim=Claim(who.name, now + limits.claim)), event)
    return replace(made, errand=_errand(made.case, ErrandKind.HAND_BACK, event))


def message(case: Case, who: Moderator, text: Private[str], now: Seconds, limits: Limits) -> Step:
    """Write to the person while the conversation is taken over; the claim lasts longer with it."""
    held_by(case, who, now)
    readable(text, LONGEST)
    if not case.held:
        raise NotAllowed(f"case {case.id} is not taken over: take it over first, or decide to contact the person")
    event = Event(Action.SENT, who.name, now)
    made = step(replace(case, claim=_claim(case, who.name, now, limits)), event)
    return replace(made, errand=_errand(made.case, ErrandKind.MESSAGE, event, text))


def noted(case: Case, who: Moderator, kind: NoteKind, text: Private[str], now: Seconds) -> Step:
    """A note by anybody who may see the case; asking for a second opinion and revealing are the holder's."""
    living(case)
    readable(text, LONGEST)
    action, wanted = Action.NOTED, case.opinion_wanted
    match kind:
        case NoteKind.NOTE:
            pass
        case NoteKind.QUESTION:
            held_by(case, who, now)
            action, wanted = Action.OPINION_ASKED, True
        case NoteKind.OPINION:
            if case.holder(now) == who.name:
                raise NotAllowed(f"you hold case {case.id}: a second opinion comes from somebody else")
            action, wanted = Action.OPINION_GIVEN, False
        case NoteKind.REVEAL:
            if who.role is not Role.LEAD:
                held_by(case, who, now)
            action = Action.REVEALED
        case _:
            assert_never(kind)
    made = step(replace(case, opinion_wanted=wanted), Event(action, who.name, now))
    return replace(made, note=Note(_paper(made.case), case.id, kind, who.name, now, text))


def turned_away(case: Case, face: str, what: str, now: Seconds) -> Step:
    """Somebody without an account at this desk asked for something."""
    return step(case, Event(Action.REFUSED, SYSTEM, now, details(face=face, asked=what)))


def handed_over(case: Case, who: Moderator, to: Moderator, now: Seconds, limits: Limits) -> Step:
    """To another moderator; a lead may also move what somebody else holds (or take it)."""
    living(case)
    if who.role is not Role.LEAD or case.holder(now) is None:
        held_by(case, who, now)
    if not to.sees(case.workspace) or to.role is Role.OPERATOR:
        raise NotAllowed(f"{to.name} may not work on cases of {case.workspace}: choose somebody who may")
    event = Event(Action.HANDED_OVER, who.name, now, details(to=to.name))
    return step(replace(case, claim=_claim(case, to.name, now, limits)), event)


def undone(case: Case, who: Moderator, now: Seconds, limits: Limits) -> Step:
    """Take the latest decision back: the case is the decider's again. What was sent stays sent."""
    living(case)
    decision = case.decision
    if decision is None or now >= decision.undo_until:
        raise TooLate(f"case {case.id} has no decision that can still be undone")
    if who.name != decision.by and who.role is not Role.LEAD:
        raise NotAllowed(f"{decision.by} decided case {case.id}: only they or a lead can undo it")
    if decision.ruling is Ruling.TAKE_OVER:
        raise NotAllowed(f"case {case.id} is taken over: hand the conversation back instead")
    if case.state is CaseState.CLAIMED:
        raise TooLate(f"case {case.id} was taken up by somebody after the decision: talk to them")
    if case.state is CaseState.OPEN and decision.ruling is not Ruling.ESCALATE:
        raise TooLate(f"case {case.id} was opened again after the decision: claim it")
    event = Event(Action.UNDONE, who.name, now, details(ruling=decision.ruling))
    back = replace(case, state=CaseState.CLAIMED, queue=decision.queue, decision=None)
    made = step(replace(back, claim=_claim(back, who.name, now, limits)), event)
    return replace(made, ruled=Ruled(None, case.since))


def _claim(case: Case, name: str, now: Seconds, limits: Limits) -> Claim:
    return Claim(name, now + (limits.take_over if case.held else limits.claim))


def step(case: Case, event: Event) -> Step:
    """The case one revision on, with its line of the trail."""
    return Step(replace(case, revision=case.revision + 1), (event,))


def _errand(case: Case, kind: ErrandKind, event: Event, text: Private[str] | None = None) -> Errand:
    if case.conversation is None:
        raise AssertionError("a living case has its conversation")
    return Errand(_paper(case), case.id, case.conversation, case.locale, kind, event.by, event.at, text)


def _paper(case: Case) -> str:
    """The id of what belongs to this step of the case: the same whenever the step is tried again."""
    return f"{case.id}.{case.revision}"
