"""The review desk in this process's memory: for tests, and for a conversation that leaves nothing behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.clock import Seconds
from bot.identity import ConversationKey, Person
from bot.review.cases import Case, CaseState, Errand, ErrandKind, Event, Note, Outcome, Ruling
from bot.review.figures import Figures, Referral, RulePrecision, Waiting, quantile
from bot.review.store import Cursor, Filter, Kept, ReviewStores, Step
from bot.review.trail import Broken, Check, Entry, Head, Seal
from bot.risk.flags import Flag
from bot.severity import Category, Severity


@dataclass(frozen=True, slots=True)
class _Flagged:
    case_id: str
    rule: str
    category: Category | None
    at: Seconds
    ruling: Ruling | None = None


def memory_review(seal: Seal) -> ReviewStores:
    """Everything the desk keeps, in this process."""
    memory = MemoryReview(seal)
    return ReviewStores(memory, memory, memory, memory, memory)


class MemoryReview:
    """Cases, Papers, Errands, Trail and Archive in memory."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._cases: dict[str, Case] = {}
        self._flags: dict[str, _Flagged] = {}
        self._anonymous: list[_Flagged] = []
        self._notes: dict[str, list[Note]] = {}
        self._errands: dict[str, Errand] = {}
        self._leases: dict[str, Seconds] = {}
        self._trail: list[Entry] = []
        self._referrals: Counter[tuple[str, Category | None]] = Counter()

    # -- cases -------------------------------------------------------------------------------------------------------

    async def keep(self, step: Step) -> Kept:
        case = step.case
        if step.flag is not None and step.flag.id in self._flags:
            return Kept.KNOWN
        before = self._cases.get(case.id)
        if (before.revision if before is not None else 0) != case.revision - 1:
            return Kept.OVERTAKEN
        if before is None and case.conversation is not None and await self.living(case.conversation.reveal()):
            return Kept.OVERTAKEN
        self._cases[case.id] = case
        self._attach(step)
        for event in step.events:
            self._append(case.id, event)
        return Kept.KEPT

    async def depart(self, steps: Sequence[Step]) -> int:
        return [await self.keep(step) for step in steps].count(Kept.KEPT)

    async def find(self, case_id: str) -> Case | None:
        return self._cases.get(case_id)

    async def living(self, conversation: ConversationKey) -> Case | None:
        for case in self._cases.values():
            there = case.conversation is not None and case.conversation.reveal() == conversation
            if there and case.state is not CaseState.CLOSED:
                return case
        return None

    async def of(self, person: Person) -> tuple[Case, ...]:
        cases = self._cases.values()
        return tuple(
            case for case in cases if case.conversation is not None and case.conversation.reveal().person == person
        )

    async def listed(self, wanted: Filter, after: Cursor | None, limit: int) -> tuple[Case, ...]:
        found = sorted((case for case in self._cases.values() if _matches(case, wanted)), key=_order)
        if after is not None:
            place = (-after.severity.rank, after.deadline, after.id)
            found = [case for case in found if _order(case) > place]
        return tuple(found[:limit])

    async def due(self, now: Seconds, limit: int) -> tuple[Case, ...]:
        timed = [(case.wakes_at, case.id) for case in self._cases.values() if case.wakes_at is not None]
        return tuple(self._cases[case_id] for at, case_id in sorted(timed)[:limit] if at <= now)

    def _attach(self, step: Step) -> None:
        case = step.case
        if step.flag is not None:
            self._count(step.flag, case.id)
        if step.note is not None:
            self._notes.setdefault(case.id, []).append(step.note)
        if step.errand is not None:
            self._errands[step.errand.id] = step.errand
        if step.ruled is not None:
            ruling, since = step.ruled.ruling, step.ruled.since
            for flag_id, flag in self._flags.items():
                if flag.case_id == case.id and flag.at >= since:
                    self._flags[flag_id] = replace(flag, ruling=ruling)
        if case.gone is not None:
            self._notes.pop(case.id, None)
            self._errands = {each.id: each for each in self._errands.values() if each.case_id != case.id}
            theirs = [flag_id for flag_id, flag in self._flags.items() if flag.case_id == case.id]
            self._anonymous += [self._flags.pop(flag_id) for flag_id in theirs]

    def _count(self, flag: Flag, case_id: str) -> None:
        self._flags[flag.id] = _Flagged(case_id, flag.rule, flag.category, flag.at)
        if flag.severity.rank >= Severity.HIGH.rank and flag.rule != "moderator":
            self._referrals[datetime.fromtimestamp(flag.at, UTC).strftime("%Y-%m"), flag.category] += 1

    # -- papers ------------------------------------------------------------------------------------------------------

    async def notes(self, case: Case) -> tuple[Note, ...]:
        return tuple(self._notes.get(case.id, ()))

    async def errands(self, case: Case) -> tuple[Errand, ...]:
        return tuple(errand for errand in self._errands.values() if errand.case_id == case.id)

    async def history(self, case_id: str) -> tuple[Entry, ...]:
        return tuple(entry for entry in self._trail if entry.case_id == case_id)

    # -- errands -----------------------------------------------------------------------------------------------------

    async def take(self, platforms: frozenset[str], now: Seconds, until: Seconds) -> Errand | None:
        waiting: set[str] = set()
        for errand in self._errands.values():
            if errand.outcome is not Outcome.PENDING or errand.case_id in waiting:
                continue
            waiting.add(errand.case_id)
            served = errand.conversation.reveal().person.platform in platforms
            if served and self._leases.get(errand.id, 0.0) <= now:
                self._leases[errand.id] = until
                return errand
        return None

    async def settle(self, errand: Errand, outcome: Outcome, problem: str, event: Event) -> bool:
        known = self._errands.get(errand.id)
        if known is None or known.outcome is not Outcome.PENDING:
            return False
        self._errands[errand.id] = replace(known, outcome=outcome, problem=problem)
        self._append(errand.case_id, event)
        return True

    async def stale(self, before: Seconds, now: Seconds, limit: int) -> tuple[Errand, ...]:
        found = [
            errand
            for errand in self._errands.values()
            if errand.outcome is Outcome.PENDING
            and errand.kind in (ErrandKind.CONTACT, ErrandKind.MESSAGE)
            and errand.at < before
            and self._leases.get(errand.id, 0.0) <= now
        ]
        return tuple(found[:limit])

    # -- trail -------------------------------------------------------------------------------------------------------

    async def since(self, number: int, limit: int) -> tuple[Entry, ...]:
        return tuple(self._trail[number : number + limit])

    async def head(self) -> Head:
        return Head(self._trail[-1].number, self._trail[-1].digest) if self._trail else Head()

    async def verify(self, since: Head | None = None) -> Broken | Head:
        check = Check(self._seal, () if since is None else (since,))
        broken = (problem for entry in self._trail if (problem := check.add(entry)) is not None)
        return next(broken, None) or check.end()

    def _append(self, case_id: str, event: Event) -> None:
        head = Head(self._trail[-1].number, self._trail[-1].digest) if self._trail else Head()
        self._trail.append(self._seal.next(head, case_id, event))

    # -- figures -----------------------------------------------------------------------------------------------------

    async def figures(self, now: Seconds, since: Seconds, workspaces: frozenset[str] | None) -> Figures:
        here = [case for case in self._cases.values() if workspaces is None or case.workspace in workspaces]
        opened = [case for case in here if case.opened_at >= since]
        looks = sorted(case.first_seen_at - case.opened_at for case in opened if case.first_seen_at is not None)
        rulings = Counter(case.decision.ruling for case in opened if case.decision is not None)
        ids = {case.id for case in here}
        flags = [flag for flag in (*self._flags.values(), *self._anonymous) if flag.at >= since and flag.case_id in ids]
        return Figures(
            waiting=_waiting([case for case in here if case.pending], now),
            opened=len(opened),
            escalated=sum(case.escalated_at is not None for case in opened),
            unseen=len(opened) - len(looks),
            first_look_median=quantile(looks, 0.5),
            first_look_p90=quantile(looks, 0.9),
            rulings=tuple((each, rulings[each]) for each in Ruling if rulings[each]),
            precision=_precision(flags),
        )

    async def referrals(self) -> tuple[Referral, ...]:
        counted = sorted(self._referrals.items(), key=lambda item: (item[0][0], item[0][1] or ""))
        return tuple(Referral(month, category, count) for (month, category), count in counted)


def _order(case: Case) -> tuple[int, Seconds, str]:
    return (-case.severity.rank, case.deadline, case.id)


def _matches(case: Case, wanted: Filter) -> bool:
    return (
        (not wanted.states or case.state in wanted.states)
        and (not wanted.severities or case.severity in wanted.severities)
        and (not wanted.categories or case.category in wanted.categories)
        and (not wanted.queues or case.queue in wanted.queues)
        and (wanted.workspaces is None or case.workspace in wanted.workspaces)
        and (wanted.holder is None or (case.claim is not None and case.claim.by == wanted.holder))
        and wanted.held in (None, case.held)
        and wanted.opinion_wanted in (None, case.opinion_wanted)
        and (wanted.overdue_at is None or case.deadline < wanted.overdue_at)
    )


def _waiting(pending: list[Case], now: Seconds) -> tuple[Waiting, ...]:
    found = []
    for severity in reversed(Severity):
        cases = [case for case in pending if case.severity is severity]
        if cases:
            claimed = sum(case.holder(now) is not None for case in cases)
            overdue = sum(case.deadline < now for case in cases)
            oldest = min(case.since for case in cases)
            found.append(Waiting(severity, len(cases) - claimed, claimed, overdue, oldest))
    return tuple(found)


def _precision(flags: list[_Flagged]) -> tuple[RulePrecision, ...]:
    found = []
    for category, rule in sorted({(flag.category or "", flag.rule) for flag in flags}):
        these = [flag for flag in flags if (flag.category or "", flag.rule) == (category, rule)]
        judged = [flag for flag in these if flag.ruling is not None]
        confirmed = sum(flag.ruling is not Ruling.NO_RISK for flag in judged)
        found.append(RulePrecision(rule, Category(category) if category else None, len(these), len(judged), confirmed))
    return tuple(found)
