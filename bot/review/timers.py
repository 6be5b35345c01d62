"""What happens by itself: claims run out, deadlines pass, watched cases come back, decisions become final, persons of
closed cases are let go. Each happens once, whichever process comes first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from bot.clock import Clock, Seconds
from bot.identity import Person
from bot.policy.schema import Policy
from bot.review.cases import SYSTEM, Action, Case, CaseState, Departure, Event, Gone
from bot.review.errands import give_up
from bot.review.handling import freed, step
from bot.review.limits import Limits, limits_of
from bot.review.store import Cases, Errands, Kept, Step
from bot.review.trail import details

BATCH: Final = 200


def woken(case: Case, now: Seconds, limits: Limits) -> Step | None:
    """The next thing whose time has come; None when nothing is due."""
    if case.gone is not None:
        return None
    if case.claim is not None and now >= case.claim.until:
        return freed(case, Event(Action.CLAIM_RAN_OUT, SYSTEM, now, details(held_by=case.claim.by)))
    if case.pending:
        return _overdue(case, now, limits)
    if case.state is CaseState.DECIDED:
        return _settled(case, now, limits)
    if case.expires_at is not None and now >= case.expires_at:
        return departed(case, Departure.EXPIRED, now)
    return None


def departed(case: Case, why: Departure, now: Seconds) -> Step:
    """Everything that ties the case to a person goes; severity, rules and decision stay, without text."""
    left = replace(
        case,
        state=CaseState.CLOSED,
        conversation=None,
        locale="und",
        claim=None,
        held=False,
        opinion_wanted=False,
        expires_at=None,
        gone=Gone(why, now),
    )
    return step(left, Event(Action.GONE, SYSTEM, now, details(why=why)))


def _overdue(case: Case, now: Seconds, limits: Limits) -> Step | None:
    """A deadline that passes escalates, once: to the next queue where there is one. Who works on it keeps it."""
    if case.escalated_at is not None or now < case.deadline:
        return None
    queue = limits.next_queue.get(case.queue, case.queue)
    event = Event(Action.DEADLINE_PASSED, SYSTEM, now, details(queue=queue))
    return step(replace(case, queue=queue, escalated_at=now), event)


def _settled(case: Case, now: Seconds, limits: Limits) -> Step | None:
    decision = case.decision
    if decision is None:
        return None
    if decision.follow_up_at is None:
        if now < decision.undo_until:
            return None
        closed = replace(case, state=CaseState.CLOSED, expires_at=now + limits.keep)
        return step(closed, Event(Action.CLOSED, SYSTEM, now))
    if now < decision.follow_up_at:
        return None
    deadline = now + limits.deadlines[case.severity]
    again = replace(case, state=CaseState.OPEN, since=now, deadline=deadline, escalated_at=None)
    return step(again, Event(Action.FOLLOW_UP, SYSTEM, now))


@dataclass(frozen=True, slots=True)
class Timers:
    """``sweep`` is called every few seconds by a task of the application, in any number of processes."""

    cases: Cases
    errands: Errands
    policy: Callable[[], Policy]
    clock: Clock

    async def sweep(self) -> int:
        """Do everything that is due; returns how many steps this process took. Raises StoreUnavailable."""
        taken, now = 0, self.clock.now()
        while due := await self.cases.due(now, BATCH):
            limits = limits_of(self.policy().cases)
            steps = [following for case in due if (following := woken(case, now, limits)) is not None]
            # Together, so that a database commits them together: many deadlines pass at the same moment.
            taken += (await asyncio.gather(*map(self.cases.keep, steps))).count(Kept.KEPT)
        return taken + await give_up(self.errands, now)


@dataclass(frozen=True, slots=True)
class Departures:
    """Forget me at the desk: an Erasable. What remains is a decision that leads back to nobody."""

    cases: Cases
    clock: Clock

    async def erase(self, person: Person) -> int:
        """Returns how many cases lost their person. Idempotent, and resumable."""
        count = 0
        while theirs := await self.cases.of(person):
            now = self.clock.now()
            count += await self.cases.depart([departed(case, Departure.FORGOTTEN, now) for case in theirs])
        return count
