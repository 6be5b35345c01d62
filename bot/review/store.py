"""The ports to what is kept: cases change one step at a time, each step whole or not at all.

A step was decided from the case as it was read; it is kept only if the case still is at that revision. So of two who
claim, decide or sweep at once, in whatever process, one wins and the other looks again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.clock import Seconds
from bot.identity import ConversationKey, Person
from bot.review.cases import Case, CaseState, Errand, Event, Note, Outcome, Ruling
from bot.review.figures import Figures, Referral
from bot.review.trail import Broken, Entry, Head
from bot.risk.flags import Flag
from bot.severity import Category, Severity


@dataclass(frozen=True, slots=True)
class Ruled:
    """The flags of the case since ``since`` were judged by ``ruling``; None takes the judgement back."""

    ruling: Ruling | None
    since: Seconds


@dataclass(frozen=True, slots=True)
class Step:
    """``case`` is as it is afterwards: revision 1 makes it, any other replaces the one before. ``flag`` joins it."""

    case: Case
    events: tuple[Event, ...]
    flag: Flag | None = None
    note: Note | None = None
    errand: Errand | None = None
    ruled: Ruled | None = None


class Kept(StrEnum):
    """kept · overtaken: somebody else was first, look again · known: this flag is part of a case already."""

    KEPT = "kept"
    OVERTAKEN = "overtaken"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases to list. Empty sets mean any; ``workspaces`` None means all; ``overdue_at``: only those whose
    deadline lies before that moment; ``holder``: claimed by that moderator."""

    states: frozenset[CaseState] = frozenset((CaseState.OPEN, CaseState.CLAIMED))
    severities: frozenset[Severity] = frozenset()
    categories: frozenset[Category] = frozenset()
    queues: frozenset[str] = frozenset()
    workspaces: frozenset[str] | None = None
    holder: str | None = None
    held: bool | None = None
    opinion_wanted: bool | None = None
    overdue_at: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page of the list ended: severity falling, then deadline, then id."""

    severity: Severity
    deadline: Seconds
    id: str


class Cases(Protocol):
    """All methods of this module raise StoreUnavailable when the store cannot be reached."""

    async def keep(self, step: Step) -> Kept:
        """Keep case, flag, note, errand and trail of one step, all or nothing. A new high or imminent flag also counts
        as one referral of its month and category. A case that is gone loses its notes, errands and flag ids."""
        ...

    async def depart(self, steps: Sequence[Step]) -> int:
        """The same for many cases that are gone, at once; returns how many were not overtaken."""
        ...

    async def find(self, case_id: str) -> Case | None: ...

    async def living(self, conversation: ConversationKey) -> Case | None:
        """The conversation's case that is not closed; there is one at most."""
        ...

    async def of(self, person: Person) -> tuple[Case, ...]:
        """Every case that still has this person."""
        ...

    async def listed(self, wanted: Filter, after: Cursor | None, limit: int) -> tuple[Case, ...]:
        """Gravest first, then by deadline."""
        ...

    async def due(self, now: Seconds, limit: int) -> tuple[Case, ...]:
        """Cases whose ``wakes_at`` has come, the longest overdue first."""
        ...


class Papers(Protocol):
    """What belongs to one case."""

    async def notes(self, case: Case) -> tuple[Note, ...]:
        """Oldest first; none once the case is gone."""
        ...

    async def errands(self, case: Case) -> tuple[Errand, ...]:
        """Oldest first; none once the case is gone."""
        ...

    async def history(self, case_id: str) -> tuple[Entry, ...]:
        """The case's part of the trail, oldest first."""
        ...


class Errands(Protocol):
    """The outbox of the desk."""

    async def take(self, platforms: frozenset[str], now: Seconds, until: Seconds) -> Errand | None:
        """Lease the oldest pending errand of these platforms until that moment, atomically: nobody else gets it before.
        An errand waits for the earlier ones of its case. None when there is nothing to do."""
        ...

    async def settle(self, errand: Errand, outcome: Outcome, problem: str, event: Event) -> bool:
        """Say how it ended, once; False when that was said before, or its person has gone."""
        ...

    async def stale(self, before: Seconds, now: Seconds, limit: int) -> tuple[Errand, ...]:
        """Messages still pending that were written before ``before`` and that nobody is delivering ``now``."""
        ...


class Trail(Protocol):
    async def since(self, number: int, limit: int) -> tuple[Entry, ...]:
        """Lines after ``number``, oldest first: the feed of everything that happens at the desk."""
        ...

    async def head(self) -> Head: ...

    async def verify(self, since: Head | None = None) -> Broken | Head:
        """Check every line. ``since`` is a head written down earlier: it must be part of the chain."""
        ...


class Archive(Protocol):
    async def figures(self, now: Seconds, since: Seconds, workspaces: frozenset[str] | None) -> Figures: ...

    async def referrals(self) -> tuple[Referral, ...]:
        """Oldest month first."""
        ...


@dataclass(frozen=True, slots=True)
class ReviewStores:
    """Everything the desk keeps, in one deployment."""

    cases: Cases
    papers: Papers
    errands: Errands
    trail: Trail
    archive: Archive
