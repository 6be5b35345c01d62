"""How the desk says things: labels, moments and the sentences of a case's history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from bot.clock import Seconds
from bot.review.cases import Action, Case, CaseState, Errand, ErrandKind, NoteKind, Outcome, Ruling
from bot.review.trail import Entry
from bot.review.wording import CATEGORIES, CONTEXTS, PLACES, RULINGS, SEVERITIES, STATES, category, moment
from bot.severity import Subject

__all__ = [
    "CATEGORIES",
    "CONTEXTS",
    "PLACES",
    "RULINGS",
    "SEVERITIES",
    "STATES",
    "category",
    "moment",
]

NOTES: Final[Mapping[NoteKind, str]] = {
    NoteKind.NOTE: "Note",
    NoteKind.QUESTION: "Asked for a second opinion",
    NoteKind.OPINION: "Second opinion",
    NoteKind.REVEAL: "Why identifiers were shown",
}
_OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.PENDING: "On its way",
    Outcome.DELIVERED: "Delivered",
    Outcome.UNDELIVERED: "Not delivered",
}
_ERRANDS: Final[Mapping[ErrandKind, str]] = {
    ErrandKind.TAKE_OVER: "Taken over: the bot is silent",
    ErrandKind.HAND_BACK: "Handed back: the bot speaks again",
    ErrandKind.CONTACT: "As the bot, in private",
    ErrandKind.MESSAGE: "As the team",
}
_ACTIONS: Final[Mapping[Action, str]] = {
    Action.OPENED: "opened the case",
    Action.FLAGGED: "added another flag",
    Action.SEEN: "looked at it",
    Action.CLAIMED: "claimed it",
    Action.EXTENDED: "extended the claim",
    Action.RELEASED: "released it",
    Action.CLAIM_RAN_OUT: "freed it: the claim had run out",
    Action.REVEALED: "looked at identifiers",
    Action.NOTED: "wrote a note",
    Action.OPINION_ASKED: "asked for a second opinion",
    Action.OPINION_GIVEN: "gave a second opinion",
    Action.HANDED_OVER: "handed it over",
    Action.DECIDED: "decided",
    Action.UNDONE: "took the decision back",
    Action.SENT: "wrote to the person",
    Action.DELIVERED: "did it",
    Action.UNDELIVERED: "could not do it",
    Action.HANDED_BACK: "handed the conversation back to the bot",
    Action.DEADLINE_PASSED: "escalated it: the deadline had passed",
    Action.FOLLOW_UP: "opened it again, as decided",
    Action.CLOSED: "closed it",
    Action.GONE: "let the person go",
    Action.REFUSED: "turned somebody away in chat: no account at this desk",
}
_SUBJECTS: Final[Mapping[Subject, str]] = {
    Subject.SELF: "about the person themselves",
    Subject.OTHER: "about someone they speak of",
}
_ERRAND_WORDS: Final[Mapping[str, str]] = {
    ErrandKind.TAKE_OVER.value: "silence the bot",
    ErrandKind.HAND_BACK.value: "let the bot speak again",
    ErrandKind.CONTACT.value: "deliver the message",
    ErrandKind.MESSAGE.value: "deliver the message",
}


def plain(name: str) -> str:
    """The id of an attribute or rule, as words."""
    return name.replace("_", " ")


def subject(value: Subject | None) -> str:
    return "" if value is None else _SUBJECTS[value]


def state(case: Case, now: Seconds) -> str:
    """Where the case stands, in two or three words."""
    holder = case.holder(now)
    if case.gone is not None:
        return "Gone"
    if holder is not None and case.pending:
        return f"Claimed by {holder}"
    if case.state is CaseState.DECIDED and case.decision is not None:
        return f"Decided: {RULINGS[case.decision.ruling].lower()}"
    return STATES[case.state_at(now)]


def span(seconds: Seconds) -> str:
    """``45 s``, ``12 min``, ``3 h 5 min``, ``2 d 4 h``."""
    left = max(0, int(seconds))
    if left < 60:
        return f"{left} s"
    minutes, hours, days = left // 60 % 60, left // 3600 % 24, left // 86_400
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min"


def due(case: Case, now: Seconds) -> str:
    """How much time there is to decide; empty when nobody has to."""
    if not case.pending:
        return ""
    if now >= case.deadline:
        return f"Overdue by {span(now - case.deadline)}"
    return f"Due in {span(case.deadline - now)}"


def ago(at: Seconds, now: Seconds) -> str:
    return "just now" if now - at < 5 else f"{span(now - at)} ago"


def machine_moment(at: Seconds) -> str:
    """For the attribute ``datetime`` of the element ``time``."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def errand(value: Errand) -> str:
    return _ERRANDS[value.kind]


def outcome(value: Errand) -> str:
    """What became of an errand; with the reason where it failed."""
    said = _OUTCOMES[value.outcome]
    return f"{said}: {value.problem}" if value.problem else said


def happened(entry: Entry) -> str:
    """One line of the history, without who and when."""
    details, action = entry.event.details, entry.event.action
    if action in (Action.DELIVERED, Action.UNDELIVERED):
        task = _ERRAND_WORDS.get(details.get("errand", ""), "do what was asked")
        return f"could not {task}" if action is Action.UNDELIVERED else f"did as asked: {task}"
    said = _ACTIONS[action]
    if action is Action.HANDED_OVER:
        return f"{said} to {details.get('to', 'somebody')}"
    if action in (Action.DECIDED, Action.UNDONE) and details.get("ruling") in RULINGS:
        return f"{said}: {RULINGS[Ruling(details['ruling'])].lower()}"
    if action in (Action.OPENED, Action.FLAGGED) and details.get("rule"):
        return f"{said} (rule {details['rule']})"
    return said
