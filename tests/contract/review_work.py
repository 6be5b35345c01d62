"""What every store of the review desk does with errands, the trail and figures. Subclass and give ``store``."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.private import Private
from bot.review.cases import (
    SYSTEM,
    Action,
    CaseState,
    Departure,
    ErrandKind,
    Event,
    NoteKind,
    Outcome,
    Ruling,
)
from bot.review.figures import Referral
from bot.review.handling import claimed, decided, message, noted
from bot.review.judgements import Contact, NoRisk, TakeOver, Watch
from bot.review.store import Cursor, Filter
from bot.review.timers import departed
from bot.review.trail import Broken, Head
from bot.severity import Category, Severity
from tests.contract.review_steps import conversation_of, held, opening, ruled
from tests.support.people import BEN_DIRECT, DAY, HOUR, NOW
from tests.support.reviewing import LIMITS, MIA, MINUTE, ReviewStore, room


class DeskWorkContract:
    # -- the queue -----------------------------------------------------------------------------------------------------

    async def test_the_gravest_first_then_by_deadline_in_pages(self, store: ReviewStore) -> None:
        severities = (Severity.CONCERN, Severity.IMMINENT, Severity.HIGH, Severity.HIGH)
        for number, severity in enumerate(severities, 1):
            made = opening(number, severity=severity, conversation=conversation_of(number), at=NOW - number)
            await store.keep(made)
        listed = await store.listed(Filter(), None, 10)
        assert [case.id for case in listed] == ["c2", "c4", "c3", "c1"]
        third = listed[1]
        rest = await store.listed(Filter(), Cursor(third.severity, third.deadline, third.id), 10)
        assert [case.id for case in rest] == ["c3", "c1"]
        assert [case.id for case in await store.listed(Filter(), None, 2)] == ["c2", "c4"]

    async def test_every_filter(self, store: ReviewStore) -> None:
        await store.keep(opening(1))
        made = opening(2, conversation=BEN_DIRECT, severity=Severity.CONCERN, category=None)
        await store.keep(made)
        taken = claimed(made.case, MIA, NOW, LIMITS)
        await store.keep(taken)
        held = decided(taken.case, MIA, TakeOver(), NOW, LIMITS)
        await store.keep(held)
        asked = noted(held.case, MIA, NoteKind.QUESTION, Private("what do you think?"), NOW)
        await store.keep(asked)

        async def ids(**values: object) -> list[str]:
            return [case.id for case in await store.listed(replace(Filter(), **values), None, 10)]  # type: ignore[arg-type]  # fields of a filter

        assert await ids(states=frozenset({CaseState.OPEN})) == ["c1"]
        assert await ids(states=frozenset({CaseState.CLOSED})) == []
        assert await ids(states=frozenset()) == ["c1", "c2"]
        assert await ids(severities=frozenset({Severity.CONCERN})) == ["c2"]
        assert await ids(categories=frozenset({Category.SELF_HARM})) == ["c1"]
        assert await ids(queues=frozenset({"leads"})) == []
        assert await ids(workspaces=frozenset({"slack:T1"})) == ["c1", "c2"]
        assert await ids(workspaces=frozenset()) == []
        assert await ids(holder="mia") == ["c2"]
        assert await ids(held=True) == ["c2"]
        assert await ids(held=False) == ["c1"]
        assert await ids(opinion_wanted=True) == ["c2"]
        assert await ids(overdue_at=NOW) == []
        assert await ids(overdue_at=NOW + DAY) == ["c1", "c2"]

    async def test_what_is_due_the_longest_first(self, store: ReviewStore) -> None:
        await store.keep(opening(1, at=NOW))
        await store.keep(opening(2, at=NOW - MINUTE, conversation=BEN_DIRECT))
        assert await store.due(NOW + HOUR - MINUTE - 1, 10) == ()
        assert [case.id for case in await store.due(NOW + HOUR, 10)] == ["c2", "c1"]
        assert [case.id for case in await store.due(NOW + HOUR, 1)] == ["c2"]

    # -- papers --------------------------------------------------------------------------------------------------------

    async def test_notes_and_errands_of_a_case(self, store: ReviewStore) -> None:
        case = await held(store)
        asked = noted(case, MIA, NoteKind.NOTE, Private("Ann sounded calmer"), NOW + 3)
        await store.keep(asked)
        note = asked.note
        assert note is not None
        assert await store.notes(asked.case) == (note,)
        written = message(asked.case, MIA, Private("How are you now?"), NOW + 4, LIMITS)
        await store.keep(written)
        errands = await store.errands(written.case)
        assert [errand.kind for errand in errands] == [ErrandKind.TAKE_OVER, ErrandKind.MESSAGE]
        assert errands[1] == written.errand
        history = await store.history("c1")
        assert [entry.event.action for entry in history] == [
            Action.OPENED,
            Action.CLAIMED,
            Action.DECIDED,
            Action.NOTED,
            Action.SENT,
        ]

    async def test_errands_are_leased_in_order_and_settled_once(self, store: ReviewStore) -> None:
        case = await held(store)
        await store.keep(message(case, MIA, Private("I'm here"), NOW + 3, LIMITS))
        slack = frozenset({"slack"})
        assert await store.take(frozenset({"discord"}), NOW, NOW + 60) is None
        assert await store.take(frozenset(), NOW, NOW + 60) is None
        first = await store.take(slack, NOW, NOW + 60)
        assert first is not None
        assert first.kind is ErrandKind.TAKE_OVER
        assert await store.take(slack, NOW + 59, NOW + 90) is None
        again = await store.take(slack, NOW + 60, NOW + 120)
        assert again == first
        ended = Event(Action.DELIVERED, SYSTEM, NOW + 61)
        assert await store.settle(first, Outcome.DELIVERED, "", ended)
        assert not await store.settle(first, Outcome.UNDELIVERED, "late", ended)
        second = await store.take(slack, NOW + 61, NOW + 120)
        assert second is not None
        assert second.text == Private("I'm here")
        assert await store.stale(NOW + DAY, NOW + 61, 10) == ()
        assert await store.stale(NOW + DAY, NOW + 121, 10) == (second,)
        assert await store.stale(NOW, NOW + 121, 10) == ()
        await store.settle(second, Outcome.UNDELIVERED, "the person takes no messages", ended)
        last = (await store.errands(case))[-1]
        assert (last.outcome, last.problem) == (Outcome.UNDELIVERED, "the person takes no messages")
        assert await store.take(slack, NOW + 500, NOW + 600) is None

    async def test_two_processes_never_take_the_same_errand(self, store: ReviewStore) -> None:
        for number in range(1, 9):
            await ruled(store, number, Contact(Private("hello")))
        taken = await asyncio.gather(*(store.take(frozenset({"slack"}), NOW + 99, NOW + 199) for _ in range(12)))
        ids = [errand.id for errand in taken if errand is not None]
        assert len(ids) == len(set(ids)) == 8

    # -- the trail -----------------------------------------------------------------------------------------------------

    async def test_the_trail_is_one_chain(self, store: ReviewStore) -> None:
        assert await store.verify() == Head()
        await asyncio.gather(
            *(store.keep(opening(number, conversation=conversation_of(number))) for number in range(9))
        )
        entries = await store.since(0, 100)
        assert [entry.number for entry in entries] == list(range(1, 10))
        assert await store.head() == Head(9, entries[-1].digest)
        assert await store.since(7, 100) == entries[7:]
        assert await store.since(0, 2) == entries[:2]
        assert await store.verify() == await store.head()
        assert await store.verify(Head(3, entries[2].digest)) == await store.head()
        assert isinstance(await store.verify(Head(3, entries[3].digest)), Broken)
        assert isinstance(await store.verify(Head(12, entries[3].digest)), Broken)

    # -- figures -------------------------------------------------------------------------------------------------------

    async def test_figures(self, store: ReviewStore) -> None:
        await ruled(store, 1, NoRisk(), rule="often wrong")
        await ruled(store, 2, Watch(), rule="often wrong")
        await ruled(store, 3, Contact(Private("hello")), rule="right", category=None)
        await store.keep(opening(4, conversation=conversation_of(4), severity=Severity.IMMINENT, rule="right"))
        found = await store.figures(NOW + HOUR, NOW, None)
        (waiting,) = found.waiting
        assert (waiting.severity, waiting.open, waiting.claimed, waiting.overdue) == (Severity.IMMINENT, 1, 0, 0)
        assert waiting.oldest == NOW
        assert (found.opened, found.unseen, found.escalated) == (4, 1, 0)
        assert (found.first_look_median, found.first_look_p90) == (20.0, 30.0)
        assert found.rulings == ((Ruling.NO_RISK, 1), (Ruling.WATCH, 1), (Ruling.CONTACT, 1))
        assert [(each.rule, each.flags, each.judged, each.confirmed, each.precision) for each in found.precision] == [
            ("right", 1, 1, 1, 1.0),
            ("often wrong", 2, 2, 1, 0.5),
            ("right", 1, 0, 0, None),
        ]
        assert (await store.figures(NOW + HOUR, NOW, frozenset({"slack:T2"}))).opened == 0
        assert (await store.figures(NOW + HOUR, NOW, frozenset({"slack:T1"}))).precision == found.precision
        assert (await store.figures(NOW + HOUR, NOW + 1, None)).opened == 0

    async def test_an_undone_decision_judges_no_rule(self, store: ReviewStore) -> None:
        desk = room(store)
        await desk.opened(rule="plan")
        await desk.desk.claim(MIA, "case-000001")
        await desk.desk.decide(MIA, "case-000001", NoRisk())
        await desk.desk.undo(MIA, "case-000001")
        (precision,) = (await store.figures(NOW, 0.0, None)).precision
        assert (precision.flags, precision.judged) == (1, 0)

    async def test_referrals_by_month_without_anybody(self, store: ReviewStore) -> None:
        january, february = NOW, NOW + 40 * DAY
        for number, at in ((1, january), (2, january), (3, february)):
            await store.keep(opening(number, conversation=conversation_of(number), at=at))
        await store.keep(opening(4, conversation=conversation_of(4), severity=Severity.IMMINENT, category=None))
        await store.keep(opening(5, conversation=conversation_of(5), severity=Severity.CONCERN))
        await store.keep(opening(6, conversation=conversation_of(6), rule="moderator"))
        counted = (
            Referral("2026-01", None, 1),
            Referral("2026-01", Category.SELF_HARM, 2),
            Referral("2026-02", Category.SELF_HARM, 1),
        )
        assert await store.referrals() == counted
        for number in range(1, 7):
            case = await store.find(f"c{number}")
            assert case is not None
            await store.keep(departed(case, Departure.FORGOTTEN, february))
        assert await store.referrals() == counted
