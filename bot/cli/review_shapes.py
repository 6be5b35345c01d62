"""What ``raise-bot review --json`` prints: cases, views and figures as plain objects. Moments in ISO 8601, UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.clock import Seconds
from bot.review.cases import Case, Errand, Note, Reason
from bot.review.checks import departure
from bot.review.figures import Figures, Referral
from bot.review.presentation import View, alias
from bot.review.trail import Entry

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]


def case_json(case: Case, now: Seconds) -> Mapping[str, Json]:
    """One case, without anything that leads to a person."""
    claim, decision = case.claim, case.decision
    held = claim is not None and case.holder(now) is not None
    return {
        "id": case.id,
        "state": case.state_at(now).value,
        "severity": case.severity.value,
        "category": case.category,
        "queue": case.queue,
        "workspace": case.workspace,
        "place": case.place.value,
        "person": alias(case),
        "opened_at": when(case.opened_at),
        "deadline": when(case.deadline),
        "overdue": case.pending and case.deadline < now,
        "escalated_at": when(case.escalated_at),
        "first_seen_at": when(case.first_seen_at),
        "holder": claim.by if claim is not None and held else None,
        "claimed_until": when(claim.until) if claim is not None and held else None,
        "held": case.held,
        "opinion_wanted": case.opinion_wanted,
        "flags": case.flags,
        "reasons": [_reason(reason) for reason in case.reasons],
        "decision": None
        if decision is None
        else {
            "ruling": decision.ruling.value,
            "by": decision.by,
            "at": when(decision.at),
            "undo_until": when(decision.undo_until),
            "follow_up_at": when(decision.follow_up_at),
        },
        "gone": departure(case) or None,
    }


def view_json(view: View, now: Seconds) -> Mapping[str, Json]:
    """One case with what belongs to it."""
    return {
        **case_json(view.case, now),
        "revealed": None if view.person is None else str(view.person.reveal()),
        "context": view.context.value,
        "lines": [{"voice": line.voice.value, "text": line.text.reveal()} for line in view.lines],
        "notes": [_note(note) for note in view.notes],
        "errands": [errand_json(errand) for errand in view.errands],
        "history": [entry_json(entry) for entry in view.history],
    }


def errand_json(errand: Errand) -> Mapping[str, Json]:
    return {
        "kind": errand.kind.value,
        "by": errand.by,
        "at": when(errand.at),
        "text": None if errand.text is None else errand.text.reveal(),
        "outcome": errand.outcome.value,
        "problem": errand.problem or None,
    }


def entry_json(entry: Entry) -> Mapping[str, Json]:
    event = entry.event
    return {
        "number": entry.number,
        "case": entry.case_id,
        "at": when(event.at),
        "by": event.by,
        "action": event.action.value,
        "details": dict(event.details),
    }


def figures_json(figures: Figures, now: Seconds) -> Mapping[str, Json]:
    return {
        "waiting": [
            {
                "severity": each.severity.value,
                "open": each.open,
                "claimed": each.claimed,
                "overdue": each.overdue,
                "oldest_seconds": None if each.oldest is None else round(now - each.oldest),
            }
            for each in figures.waiting
        ],
        "opened": figures.opened,
        "escalated": figures.escalated,
        "unseen": figures.unseen,
        "first_look_seconds": {"median": figures.first_look_median, "p90": figures.first_look_p90},
        "rulings": {ruling.value: count for ruling, count in figures.rulings},
        "precision": [
            {
                "category": each.category,
                "rule": each.rule,
                "flags": each.flags,
                "judged": each.judged,
                "confirmed": each.confirmed,
                "precision": each.precision,
            }
            for each in figures.precision
        ],
    }


def referral_json(referral: Referral) -> Mapping[str, Json]:
    return {"month": referral.month, "category": referral.category or "general", "count": referral.count}


def when(at: Seconds | None) -> str | None:
    """``2026-01-31T12:00:00Z``"""
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _reason(reason: Reason) -> Mapping[str, Json]:
    return {
        "rule": reason.rule,
        "severity": reason.severity.value,
        "category": reason.category,
        "subject": reason.subject,
        "policy": reason.policy_id,
        "at": when(reason.at),
        "why": reason.why,
    }


def _note(note: Note) -> Mapping[str, Json]:
    return {"kind": note.kind.value, "by": note.by, "at": when(note.at), "text": note.text.reveal()}
