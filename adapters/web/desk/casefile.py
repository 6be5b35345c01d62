"""One case as its page shows it, and what the one who looks may do with it now."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from adapters.web.desk import words
from bot.clock import Seconds
from bot.review.cases import Case, ErrandKind, NoteKind, Ruling
from bot.review.checks import departure
from bot.review.moderators import Moderator, Role
from bot.review.presentation import Context, Redact, View, alias
from bot.review.transcript import Voice


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the conversation, a note or a message: ``text`` is shown as text, never as markup."""

    by: str
    text: str
    kind: str
    at: Seconds | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class Powers:
    """What to offer. The desk decides again when it is asked: an offer may be out of date by then."""

    claim: bool
    hold: bool
    release: bool
    decide: bool
    reveal: bool
    hand_over: bool
    hand_back: bool
    undo: bool
    ask: bool
    give_opinion: bool


@dataclass(frozen=True, slots=True)
class CaseFile:
    case: Case
    person: str
    revealed: tuple[str, ...]
    state: str
    due: str
    overdue: bool
    holder: str | None
    seconds_left: int
    lines: tuple[Said, ...]
    lines_version: str
    context: str
    notes: tuple[Said, ...]
    errands: tuple[Said, ...]
    departure: str
    powers: Powers
    colleagues: tuple[str, ...]


def casefile(view: View, who: Moderator, everybody: tuple[Moderator, ...], now: Seconds, redact: Redact) -> CaseFile:
    case = view.case
    holder = case.holder(now) if case.pending else None
    colleagues = tuple(
        each.name
        for each in everybody
        if each.name not in (who.name, holder) and each.role is not Role.OPERATOR and each.sees(case.workspace)
    )
    person = alias(case)
    return CaseFile(
        case=case,
        person=person,
        revealed=_identity(view),
        state="Claimed by you" if holder == who.name else words.state(case, now),
        due=words.due(case, now),
        overdue=case.pending and now >= case.deadline,
        holder=holder,
        seconds_left=int(case.claim.until - now) if holder is not None and case.claim is not None else 0,
        lines=tuple(
            Said(person if line.voice is Voice.PERSON else "raise-bot", line.text.reveal(), line.voice.value)
            for line in view.lines
        ),
        lines_version=_version(view, redact),
        context=words.CONTEXTS[view.context] or ("" if view.lines else "Nothing has been said yet."),
        notes=tuple(Said(note.by, note.text.reveal(), words.NOTES[note.kind], note.at) for note in view.notes),
        errands=tuple(
            Said(
                errand.by,
                errand.text.reveal() if errand.text is not None else "",
                words.errand(errand),
                errand.at,
                words.outcome(errand),
            )
            for errand in view.errands
            if errand.kind in (ErrandKind.CONTACT, ErrandKind.MESSAGE) or errand.problem
        ),
        departure=departure(case),
        powers=_powers(view, who, holder, now),
        colleagues=colleagues,
    )


def _identity(view: View) -> tuple[str, ...]:
    """Who and where, once revealed."""
    if view.person is None:
        return ()
    conversation = view.person.reveal()
    person, space = conversation.person, conversation.space
    where = words.PLACES[space.place] + (f" {space.id}" if space.id else "")
    return (f"{person.platform} user {person.user}", f"workspace {person.workspace}", where)


def _version(view: View, redact: Redact) -> str:
    """Changes when the lines do, so that a page that is kept open knows when there is something new. The same with
    identifiers and without."""
    if view.context is not Context.SHOWN:
        return view.context.value
    text = "\x00".join(f"{line.voice}{redact(line.text.reveal())}" for line in view.lines)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _powers(view: View, who: Moderator, holder: str | None, now: Seconds) -> Powers:
    case, lead = view.case, who.role is Role.LEAD
    if case.gone is not None:
        return Powers(*[False] * 10)
    holds, decision = holder == who.name, case.decision
    asked_by_other = case.opinion_wanted and any(
        note.kind is NoteKind.QUESTION and note.by != who.name for note in view.notes
    )
    return Powers(
        claim=case.pending and holder is None,
        hold=holds,
        release=holds or (lead and holder is not None),
        decide=holds,
        reveal=(holds or lead) and bool(view.lines),
        hand_over=holds or (lead and holder is not None),
        hand_back=holds and case.held,
        undo=decision is not None
        and not case.held
        and now < decision.undo_until
        and (decision.by == who.name or lead)
        and holder is None
        and (not case.pending or decision.ruling is Ruling.ESCALATE),
        ask=holds and not case.opinion_wanted,
        give_opinion=asked_by_other and not holds,
    )
