"""Cases, notes, errands and lines of the trail as rows, and back."""

from __future__ import annotations

from pydantic import TypeAdapter

from adapters.stores.sql.review_tables import URGENCY
from adapters.stores.sql.tables import Row, conversation_of, where
from bot.identity import Place
from bot.private import Private
from bot.review.cases import (
    Action,
    Case,
    CaseState,
    Claim,
    Decision,
    Departure,
    Errand,
    ErrandKind,
    Event,
    Gone,
    Note,
    NoteKind,
    Outcome,
    Reason,
)
from bot.review.trail import Entry
from bot.severity import Category, Severity

_REASONS: TypeAdapter[tuple[Reason, ...]] = TypeAdapter(tuple[Reason, ...])
_DECISION: TypeAdapter[Decision] = TypeAdapter(Decision)


def case_values(case: Case) -> dict[str, object]:
    """Every column of a case."""
    conversation = None if case.conversation is None else case.conversation.reveal()
    claim, gone = case.claim, case.gone
    return {
        "case_id": case.id,
        "state": case.state.value,
        "pending": case.pending,
        "severity": case.severity.value,
        "urgency": URGENCY[case.severity.value],
        "category": None if case.category is None else case.category.value,
        "queue": case.queue,
        "workspace": case.workspace,
        **({"person": None, "space": None} if conversation is None else where(conversation)),
        "place": case.place.value,
        "locale": case.locale,
        "opened_at": case.opened_at,
        "since": case.since,
        "deadline": case.deadline,
        "reasons": _REASONS.dump_python(case.reasons, mode="json"),
        "flags": case.flags,
        "claimed_by": None if claim is None else claim.by,
        "claimed_until": None if claim is None else claim.until,
        "first_seen_at": case.first_seen_at,
        "escalated_at": case.escalated_at,
        "held": case.held,
        "opinion_wanted": case.opinion_wanted,
        "decision": None if case.decision is None else _DECISION.dump_python(case.decision, mode="json"),
        "ruling": None if case.decision is None else case.decision.ruling.value,
        "gone_why": None if gone is None else gone.why.value,
        "gone_at": None if gone is None else gone.at,
        "expires_at": case.expires_at,
        "wakes_at": case.wakes_at,
        "revision": case.revision,
    }


def case_of(row: Row) -> Case:
    return Case(
        id=row.case_id,
        state=CaseState(row.state),
        severity=Severity(row.severity),
        category=None if row.category is None else Category(row.category),
        queue=row.queue,
        workspace=row.workspace,
        place=Place(row.place),
        conversation=None if row.person is None else Private(conversation_of(row)),
        opened_at=row.opened_at,
        since=row.since,
        deadline=row.deadline,
        reasons=_REASONS.validate_python(row.reasons),
        flags=row.flags,
        locale=row.locale,
        claim=None if row.claimed_by is None else Claim(row.claimed_by, row.claimed_until),
        first_seen_at=row.first_seen_at,
        escalated_at=row.escalated_at,
        held=row.held,
        opinion_wanted=row.opinion_wanted,
        decision=None if row.decision is None else _DECISION.validate_python(row.decision),
        gone=None if row.gone_why is None else Gone(Departure(row.gone_why), row.gone_at),
        expires_at=row.expires_at,
        revision=row.revision,
    )


def note_of(row: Row, text: bytes) -> Note:
    return Note(row.note_id, row.case_id, NoteKind(row.kind), row.by, row.at, Private(text.decode()))


def errand_values(errand: Errand, sealed: bytes | None) -> dict[str, object]:
    conversation = errand.conversation.reveal()
    return {
        "errand_id": errand.id,
        "case_id": errand.case_id,
        "platform": conversation.person.platform,
        **where(conversation),
        "locale": errand.locale,
        "kind": errand.kind.value,
        "by": errand.by,
        "at": errand.at,
        "sealed": sealed,
        "outcome": errand.outcome.value,
        "problem": errand.problem,
        "leased_until": 0.0,
    }


def errand_of(row: Row, text: bytes | None) -> Errand:
    return Errand(
        id=row.errand_id,
        case_id=row.case_id,
        conversation=Private(conversation_of(row)),
        locale=row.locale,
        kind=ErrandKind(row.kind),
        by=row.by,
        at=row.at,
        text=None if text is None else Private(text.decode()),
        outcome=Outcome(row.outcome),
        problem=row.problem,
    )


def entry_values(entry: Entry) -> dict[str, object]:
    return {
        "number": entry.number,
        "case_id": entry.case_id,
        "action": entry.event.action.value,
        "by": entry.event.by,
        "at": entry.event.at,
        "details": dict(entry.event.details),
        "key": entry.key,
        "previous": entry.previous,
        "digest": entry.digest,
    }


def entry_of(row: Row) -> Entry:
    event = Event(Action(row.action), row.by, row.at, row.details)
    return Entry(row.number, row.case_id, event, row.key, row.previous, row.digest)
