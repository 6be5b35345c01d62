"""The vocabulary of the desk: cases, claims, decisions, notes, errands.

A case is one conversation that somebody should look at; further flags of the same conversation join it until it is
closed. ``conversation`` and the texts of notes and errands are all that ties a case to a person: they go when the
person asks to be forgotten, the decision stays.

    OPEN -> CLAIMED -> DECIDED -> CLOSED
      ^________|__________|          (released, run out, escalated; a new flag, a follow-up)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.clock import Seconds
from bot.identity import ConversationKey, Place
from bot.private import Private
from bot.severity import Category, Severity, Subject

SYSTEM: Final = "raise-bot"
"""The actor of what nobody at the desk did: a timer, a person's own request."""


class CaseState(StrEnum):
    """open: nobody holds it · claimed: one moderator does · decided: may still be undone, or is being watched ·
    closed: done, or gone."""

    OPEN = "open"
    CLAIMED = "claimed"
    DECIDED = "decided"
    CLOSED = "closed"


class Ruling(StrEnum):
    """What was decided."""

    NO_RISK = "no_risk"
    WATCH = "watch"
    CONTACT = "contact"
    ESCALATE = "escalate"
    TAKE_OVER = "take_over"


@dataclass(frozen=True, slots=True)
class Reason:
    """One flag, as moderators read it. ``why`` is the policy's own text at the time; ``rule`` is the policy's rule, or
    ``model``, ``likeness``, ``screen_failed``, ``person`` (asked for a human) or ``moderator``."""

    rule: str
    severity: Severity
    category: Category | None
    subject: Subject | None
    policy_id: str
    at: Seconds
    why: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Held by one moderator until ``until``; afterwards the case is free, whether or not a timer said so yet."""

    by: str
    until: Seconds


@dataclass(frozen=True, slots=True)
class Decision:
    """The latest decision. ``follow_up_at``: when a watched case comes back. ``queue`` is where the case was before
    (for undo)."""

    ruling: Ruling
    by: str
    at: Seconds
    undo_until: Seconds
    queue: str
    follow_up_at: Seconds | None = None


class Departure(StrEnum):
    """Why a case has lost its person: they asked to be forgotten, or it was kept long enough."""

    FORGOTTEN = "forgotten"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Gone:
    why: Departure
    at: Seconds


@dataclass(frozen=True, slots=True)
class Case:
    """One conversation under review.

    ``workspace`` is ``platform:workspace``. ``severity`` and ``category`` are those of the gravest reason. ``since`` is
    when the present stretch began (opened or reopened); ``deadline`` is when it should be decided; ``escalated_at`` is
    set once the deadline has passed unheeded. ``reasons`` are the latest flags, newest last, of ``flags`` in all.
    ``held``: the bot is silent there until handed back. ``expires_at``: when a closed case loses its person.
    ``revision`` counts the steps.
    """

    id: str
    state: CaseState
    severity: Severity
    category: Category | None
    queue: str
    workspace: str
    place: Place
    conversation: Private[ConversationKey] | None
    opened_at: Seconds
    since: Seconds
    deadline: Seconds
    reasons: tuple[Reason, ...]
    flags: int = 1
    locale: str = "und"
    claim: Claim | None = None
    first_seen_at: Seconds | None = None
    escalated_at: Seconds | None = None
    held: bool = False
    opinion_wanted: bool = False
    decision: Decision | None = None
    gone: Gone | None = None
    expires_at: Seconds | None = None
    revision: int = 1

    @property
    def platform(self) -> str:
        return self.workspace.partition(":")[0]

    @property
    def pending(self) -> bool:
        """Whether somebody still has to decide."""
        return self.state in (CaseState.OPEN, CaseState.CLAIMED)

    def holder(self, now: Seconds) -> str | None:
        """Who holds the case at this moment; None when nobody does, or the claim has run out."""
        return self.claim.by if self.claim is not None and now < self.claim.until else None

    def state_at(self, now: Seconds) -> CaseState:
        """The state as moderators should see it: a claim that ran out is none."""
        return CaseState.OPEN if self.state is CaseState.CLAIMED and self.holder(now) is None else self.state

    @property
    def wakes_at(self) -> Seconds | None:
        """When something happens by itself: a claim runs out, a deadline passes, a follow-up is due, undo ends, a
        closed case has been kept long enough."""
        moments: list[Seconds] = []
        if self.claim is not None:
            moments.append(self.claim.until)
        if self.pending and self.escalated_at is None:
            moments.append(self.deadline)
        if self.state is CaseState.DECIDED and self.decision is not None:
            follow_up = self.decision.follow_up_at
            moments.append(self.decision.undo_until if follow_up is None else follow_up)
        if self.expires_at is not None:
            moments.append(self.expires_at)
        return min(moments, default=None)


class NoteKind(StrEnum):
    """question: a second opinion is asked for · opinion: it is given · reveal: why identifiers were looked at."""

    NOTE = "note"
    QUESTION = "question"
    OPINION = "opinion"
    REVEAL = "reveal"


@dataclass(frozen=True, slots=True)
class Note:
    """What a moderator wrote for colleagues. Sealed with the person's key, and gone with it."""

    id: str
    case_id: str
    kind: NoteKind
    by: str
    at: Seconds
    text: Private[str]


class ErrandKind(StrEnum):
    """What the desk wants done in the conversation itself. contact: a message as the bot · message: one of the team,
    while the conversation is taken over."""

    TAKE_OVER = "take_over"
    HAND_BACK = "hand_back"
    CONTACT = "contact"
    MESSAGE = "message"


class Outcome(StrEnum):
    """pending: no process with that platform has done it yet."""

    PENDING = "pending"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class Errand:
    """Kept with the decision, done by a process that serves the person's platform, in order within a case.
    ``problem`` says why a message was not delivered; ``text`` is None for taking over and handing back."""

    id: str
    case_id: str
    conversation: Private[ConversationKey]
    locale: str
    kind: ErrandKind
    by: str
    at: Seconds
    text: Private[str] | None = None
    outcome: Outcome = Outcome.PENDING
    problem: str = ""


class Action(StrEnum):
    """What the trail records; the history of a case is its part of the trail."""

    OPENED = "opened"
    FLAGGED = "flagged"
    SEEN = "seen"
    CLAIMED = "claimed"
    EXTENDED = "extended"
    RELEASED = "released"
    CLAIM_RAN_OUT = "claim_ran_out"
    REVEALED = "revealed"
    NOTED = "noted"
    OPINION_ASKED = "opinion_asked"
    OPINION_GIVEN = "opinion_given"
    HANDED_OVER = "handed_over"
    DECIDED = "decided"
    UNDONE = "undone"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    HANDED_BACK = "handed_back"
    DEADLINE_PASSED = "deadline_passed"
    FOLLOW_UP = "follow_up"
    CLOSED = "closed"
    GONE = "gone"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the trail in the making. ``details`` are features (a ruling, a queue, a moment), never text."""

    action: Action
    by: str
    at: Seconds
    details: Mapping[str, str] = field(default_factory=dict)
