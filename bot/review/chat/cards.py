"""A case as a card for a channel that several people read, and the forms behind its buttons. Pure.

A card says what a moderator needs to choose a case, and nothing of what was said: no line of the conversation, no name,
no id of the person, no note. It follows from the case alone, so the same case always gives the same card.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.clock import Seconds
from bot.private import Private
from bot.review.cases import Case, CaseState, Departure, Reason, Ruling
from bot.review.presentation import alias
from bot.review.wording import PLACES, RULINGS, SEVERITIES, category
from bot.severity import Severity

SHOWN_REASONS: Final = 3
LONGEST: Final = 3_000
"""Characters of a text typed into a form; both platforms take that many."""


class Press(StrEnum):
    """What a button of a card does."""

    CLAIM = "claim"
    EXTEND = "extend"
    RELEASE = "release"
    DECIDE = "decide"
    OPINION = "opinion"
    WRITE = "write"
    HAND_BACK = "hand_back"
    UNDO = "undo"
    REVEAL = "reveal"


class Reveal(StrEnum):
    """How much of the conversation to show: without names and other identifiers, or with them."""

    REDACTED = "redacted"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, shown in the reader's own way; ``relative``: as a distance from now."""

    at: Seconds
    relative: bool = False


Line = tuple[str | Moment, ...]


@dataclass(frozen=True, slots=True)
class Button:
    press: Press
    label: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """``urgent``: somebody should look now."""

    case_id: str
    title: str
    lines: tuple[Line, ...]
    buttons: tuple[Button, ...] = ()
    urgent: bool = False

    @property
    def digest(self) -> str:
        """The same for cards that look the same."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


class Field(StrEnum):
    """What a form asks for."""

    CHOICE = "choice"
    WORDS = "words"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Asked:
    """One field: one of ``options`` (value and label), or a text where there are none."""

    field: Field
    label: str
    hint: str = ""
    required: bool = True
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """``text`` is said above the fields."""

    press: Press
    case_id: str
    title: str
    submit: str
    text: str
    fields: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it came back; empty where nothing was picked or typed."""

    choice: str = ""
    words: Private[str] = field(default_factory=lambda: Private(""))
    note: Private[str] = field(default_factory=lambda: Private(""))


# -- cards -----------------------------------------------------------------------------------------------------------


def card_of(case: Case, queue: str) -> Card:
    """``queue`` is the title of the case's queue."""
    title = f"{SEVERITIES[case.severity]} · {category(case.category)}"
    if case.gone is not None:
        return Card(case.id, f"{title} · gone", (_gone(case.gone.why, case.gone.at),))
    urgent = case.pending and case.severity.rank >= Severity.HIGH.rank
    about = f"{alias(case)} · {PLACES[case.place].lower()} · {queue}"
    lines: list[Line] = [(about,), *_flagged(case), *_standing(case)]
    return Card(case.id, title, tuple(lines), _buttons(case), urgent)


def moved_card(case: Case, queue: str) -> Card:
    """What stays where a case was before it belonged in another channel, or in none."""
    title = f"{SEVERITIES[case.severity]} · {category(case.category)}"
    return Card(case.id, title, ((f"This case has left this channel. It is in the queue {queue} now.",),))


def renewed_card(case: Case) -> Card:
    """What stays of the card of a case that is open again: nobody would notice an edit so far up."""
    title = f"{SEVERITIES[case.severity]} · {category(case.category)}"
    return Card(case.id, title, (("This case is open again. Its card is further down.",),))


def _gone(why: Departure, at: Seconds) -> Line:
    said = {
        Departure.FORGOTTEN: "The person asked to be forgotten, so nothing of the conversation is left. ",
        Departure.EXPIRED: "The case was kept as long as the policy says, and has lost its person. ",
    }
    return (said[why], Moment(at))


def _flagged(case: Case) -> list[Line]:
    """The policy's own words for the latest reasons, each once."""
    shown: dict[str, Reason] = {reason.why: reason for reason in case.reasons}
    lines: list[Line] = [(f"Why: {why}",) for why in list(shown)[-SHOWN_REASONS:]]
    more = f" · flagged {case.flags} times" if case.flags > 1 else ""
    return [*lines, ("Waiting since ", Moment(case.since, relative=True), more)]


def _standing(case: Case) -> list[Line]:
    lines: list[Line] = []
    if case.pending:
        lines.append(("Decide by ", Moment(case.deadline), " · ", Moment(case.deadline, relative=True)))
        if case.escalated_at is not None:
            lines.append(("The deadline has passed, so the case was escalated. ", Moment(case.escalated_at)))
    if case.claim is not None and case.state is CaseState.CLAIMED:
        lines.append((f"Claimed by {case.claim.by} until ", Moment(case.claim.until)))
    elif case.state is CaseState.OPEN:
        lines.append(("Nobody has claimed it yet.",))
    if case.held:
        lines.append(("Taken over: the bot is silent until the conversation is handed back.",))
    if case.opinion_wanted:
        lines.append(("A second opinion is asked for.",))
    return [*lines, *_decided(case)]


def _decided(case: Case) -> list[Line]:
    decision = case.decision
    if decision is None:
        return []
    ruling = RULINGS[decision.ruling].lower()
    lines: list[Line] = [(f"Decided by {decision.by}: {ruling}. ", Moment(decision.at))]
    if case.state is CaseState.DECIDED and decision.follow_up_at is not None:
        lines.append(("It comes back ", Moment(decision.follow_up_at)))
    if case.state is CaseState.CLOSED:
        lines.append(("The case is closed.",))
    return lines


def _buttons(case: Case) -> tuple[Button, ...]:
    reveal, opinion = Button(Press.REVEAL, "Reveal…"), Button(Press.OPINION, "Second opinion…")
    match case.state:
        case CaseState.OPEN:
            return (Button(Press.CLAIM, "Claim", strong=True), reveal)
        case CaseState.CLAIMED if case.held:
            first = (Button(Press.WRITE, "Write…", strong=True), Button(Press.HAND_BACK, "Hand back"))
            return (*first, Button(Press.DECIDE, "Decide…"), Button(Press.EXTEND, "Extend"), opinion, reveal)
        case CaseState.CLAIMED:
            first = (Button(Press.DECIDE, "Decide…", strong=True), Button(Press.EXTEND, "Extend"))
            return (*first, Button(Press.RELEASE, "Release"), opinion, reveal)
        case CaseState.DECIDED:
            return (Button(Press.UNDO, "Undo"),)
        case CaseState.CLOSED:
            return ()


# -- forms -----------------------------------------------------------------------------------------------------------

_RULINGS: Final = tuple((ruling.value, RULINGS[ruling]) for ruling in Ruling)
_REVEALS: Final = (
    (Reveal.REDACTED.value, "The last lines, with names and numbers hidden"),
    (Reveal.WHOLE.value, "The last lines and who it is, nothing hidden"),
)


def form_of(press: Press, case_id: str) -> Form | None:
    """The form behind a button; None where pressing is enough."""
    match press:
        case Press.DECIDE:
            hint = "Sent when you contact the person or take over; not needed otherwise."
            return Form(
                press,
                case_id,
                "Decide",
                "Decide",
                "Most decisions can be undone for a while.",
                (
                    Asked(Field.CHOICE, "Decision", options=_RULINGS),
                    Asked(Field.WORDS, "Message to the person", hint, required=False),
                    Asked(Field.NOTE, "Note for colleagues", required=False),
                ),
            )
        case Press.OPINION:
            words = Asked(Field.WORDS, "What do you ask, or what do you think?")
            return Form(press, case_id, "Second opinion", "Send", "Colleagues at the desk read it.", (words,))
        case Press.WRITE:
            words = Asked(Field.WORDS, "Message to the person")
            return Form(press, case_id, "Write to the person", "Send", "It is sent as the team.", (words,))
        case Press.REVEAL:
            text = "Only you will see it here, and it is recorded. The text may be hard to read."
            asked = (
                Asked(Field.CHOICE, "What to show", options=_REVEALS),
                Asked(Field.WORDS, "Why do you need to see it?"),
            )
            return Form(press, case_id, "Reveal", "Show it to me", text, asked)
        case Press.CLAIM | Press.EXTEND | Press.RELEASE | Press.HAND_BACK | Press.UNDO:
            return None
