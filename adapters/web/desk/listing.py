"""The queue: which cases an address asks for, and how one row reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import urlencode

from adapters.web.desk import words
from bot.clock import Seconds
from bot.errors import InputError
from bot.review.cases import Case, CaseState
from bot.review.moderators import Moderator
from bot.review.presentation import alias
from bot.review.store import Cursor, Filter
from bot.severity import Category, Severity

Choice = TypeVar("Choice", bound=StrEnum)
PENDING: Final = "pending"
_STATES: Final[Mapping[str, frozenset[CaseState]]] = {
    PENDING: frozenset((CaseState.OPEN, CaseState.CLAIMED)),
    **{state.value: frozenset((state,)) for state in CaseState},
}
STATE_CHOICES: Final = {
    PENDING: "To decide",
    "open": "Open",
    "claimed": "Claimed",
    "decided": "Decided",
    "closed": "Closed",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address of the queue asks for; everything in it is a word of a closed list."""

    severity: Severity | None = None
    category: Category | None = None
    state: str = PENDING
    mine: bool = False
    opinion: bool = False
    overdue: bool = False
    after: Cursor | None = None

    @property
    def narrow(self) -> bool:
        """Whether it is anything but the queue as it opens."""
        return self != Wish(after=self.after)

    def filter(self, who: Moderator, now: Seconds) -> Filter:
        return Filter(
            states=_STATES[self.state],
            severities=frozenset((self.severity,) if self.severity else ()),
            categories=frozenset((self.category,) if self.category else ()),
            holder=who.name if self.mine else None,
            opinion_wanted=True if self.opinion else None,
            overdue_at=now if self.overdue else None,
        )

    def address(self, after: Cursor | None = None) -> str:
        """The address that asks for this, from the beginning or from ``after`` on."""
        asked = {
            "severity": self.severity,
            "category": self.category,
            "state": None if self.state == PENDING else self.state,
            **{name: "yes" if getattr(self, name) else None for name in ("mine", "opinion", "overdue")},
            "after": None if after is None else f"{after.severity}~{after.deadline!r}~{after.id}",
        }
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"/desk?{query}" if query else "/desk"


def wish(query: Mapping[str, str]) -> Wish:
    """Raises InputError for a value that is not among those the page offers."""
    state = query.get("state") or PENDING
    if state not in _STATES:
        raise InputError(f"expected a state out of {', '.join(_STATES)}, got another one")
    return Wish(
        severity=_one_of(Severity, query.get("severity", "")),
        category=_one_of(Category, query.get("category", "")),
        state=state,
        mine=bool(query.get("mine")),
        opinion=bool(query.get("opinion")),
        overdue=bool(query.get("overdue")),
        after=_cursor(query.get("after", "")),
    )


def _one_of(kind: type[Choice], text: str) -> Choice | None:
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        raise InputError(f"expected a {kind.__name__.lower()} out of {', '.join(kind)}, got another one") from None


def _cursor(text: str) -> Cursor | None:
    if not text:
        return None
    try:
        severity, deadline, case_id = text.split("~")
        return Cursor(Severity(severity), float(deadline), case_id[:80])
    except ValueError:
        raise InputError("expected the address of a page of the queue as the page before gives it") from None


@dataclass(frozen=True, slots=True)
class Row:
    """One case in the queue: features only, no text of people."""

    id: str
    person: str
    severity: Severity
    severity_label: str
    category: str
    rule: str
    flags: int
    place: str
    workspace: str
    queue: str
    state: str
    due: str
    overdue: bool
    waiting: str
    marks: tuple[str, ...]
    holder: str | None
    claimable: bool


def row(case: Case, who: Moderator, now: Seconds) -> Row:
    holder = case.holder(now)
    marks = {
        "Taken over": case.held,
        "Second opinion wanted": case.opinion_wanted,
        "Escalated": case.escalated_at is not None,
        "New": case.first_seen_at is None and case.pending,
    }
    return Row(
        id=case.id,
        person=alias(case),
        severity=case.severity,
        severity_label=words.SEVERITIES[case.severity],
        category=words.category(case.category),
        rule=case.reasons[-1].rule.replace("_", " ") if case.reasons else "",
        flags=case.flags,
        place=words.PLACES[case.place],
        workspace=case.workspace,
        queue=case.queue,
        state="Claimed by you" if holder == who.name and case.pending else words.state(case, now),
        due=words.due(case, now),
        overdue=case.pending and now >= case.deadline,
        waiting=words.ago(case.since, now),
        marks=tuple(label for label, there in marks.items() if there),
        holder=holder,
        claimable=case.pending and holder is None and case.gone is None,
    )
