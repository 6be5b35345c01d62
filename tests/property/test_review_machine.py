"""Whatever moderators, timers and people do, in whatever order: what every case must hold."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from adapters.stores.memory_review import memory_review
from bot.errors import ReviewError
from bot.identity import DIRECT, ConversationKey
from bot.private import Private
from bot.review.cases import SYSTEM, Action, Case, CaseState, ErrandKind, Outcome, Ruling
from bot.review.judgements import Contact, Escalate, Judgement, NoRisk, TakeOver, Watch
from bot.review.moderators import Moderator
from bot.review.store import Filter
from bot.review.trail import Seal
from bot.severity import Severity
from tests.support.people import DAY, HOUR
from tests.support.reviewing import KEYS, LEA, MIA, MINUTE, NOAH, flag, joined, person, room

T = TypeVar("T")
PEOPLE = tuple(ConversationKey(person(number), DIRECT) for number in range(3))
JUDGEMENTS: tuple[Judgement, ...] = (NoRisk(), Watch(), Watch(HOUR), Contact(Private("hello")), Escalate(), TakeOver())
moderators = st.sampled_from((MIA, NOAH, LEA))
picks = st.integers(0, 4)


class Desk(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.room = room(joined(memory_review(Seal(KEYS))))
        self.number = 0
        self.forgotten: set[str] = set()

    # -- what can happen -----------------------------------------------------------------------------------------------

    @rule(who=st.sampled_from(PEOPLE), severity=st.sampled_from(tuple(Severity)[1:]), again=st.booleans())
    def raise_a_flag(self, who: ConversationKey, severity: Severity, again: bool) -> None:
        self.number += not again
        self.do(self.room.opening.take(flag(self.number, conversation=who, severity=severity, at=self.now)))

    @rule(who=moderators, pick=picks)
    def claim(self, who: Moderator, pick: int) -> None:
        before = self.case(pick)
        if before is not None:
            holder = before.holder(self.now)
            after = self.attempt(self.room.desk.claim(who, before.id))
            assert after is None or holder in (None, who.name), "a claim took a case from its holder"

    @rule(who=moderators)
    def claim_the_next(self, who: Moderator) -> None:
        free = [case for case in self.cases() if case.pending and case.holder(self.now) is None]
        case = self.attempt(self.room.desk.claim_next(who))
        assert (case is None) == (not free)
        assert case is None or case.severity.rank == max(each.severity.rank for each in free)

    @rule(who=moderators, pick=picks, what=st.sampled_from(("extend", "release", "undo", "hand_back", "show")))
    def act(self, who: Moderator, pick: int, what: str) -> None:
        case = self.case(pick)
        if case is not None:
            self.attempt(getattr(self.room.desk, what)(who, case.id))

    @rule(who=moderators, pick=picks, to=moderators)
    def hand_over(self, who: Moderator, pick: int, to: Moderator) -> None:
        case = self.case(pick)
        if case is not None:
            self.attempt(self.room.desk.hand_over(who, case.id, to.name))

    @rule(who=moderators, pick=picks, what=st.sampled_from(("note", "second_opinion", "message", "reveal")))
    def write(self, who: Moderator, pick: int, what: str) -> None:
        case = self.case(pick)
        if case is not None:
            self.attempt(getattr(self.room.desk, what)(who, case.id, Private("some words")))

    @rule(who=moderators, pick=picks, judgement=st.sampled_from(JUDGEMENTS))
    def decide(self, who: Moderator, pick: int, judgement: Judgement) -> None:
        before = self.case(pick)
        if before is not None:
            held = before.holder(self.now) == who.name
            after = self.attempt(self.room.desk.decide(who, before.id, judgement))
            assert after is None or held, "a decision without holding the case"

    @precondition(lambda self: self.number > 0)
    @rule(who=st.sampled_from(PEOPLE))
    def forget(self, who: ConversationKey) -> None:
        self.forgotten |= {case.id for case in self.do(self.room.store.of(who.person))}
        self.do(self.room.departures.erase(who.person))

    @rule(seconds=st.sampled_from((1.0, 4 * MINUTE, 20 * MINUTE, 3 * HOUR, 2 * DAY, 100 * DAY)), swept=st.booleans())
    def wait(self, seconds: float, swept: bool) -> None:
        self.room.clock.advance(seconds)
        if swept:
            self.do(self.room.timers.sweep())
            assert self.do(self.room.store.due(self.now, 10)) == ()
            assert self.do(self.room.timers.sweep()) == 0

    # -- the loop ------------------------------------------------------------------------------------------------------

    def do(self, doing: Awaitable[T]) -> T:
        async def done() -> T:
            return await doing

        return asyncio.run(done())

    def attempt(self, doing: Awaitable[T]) -> T | None:
        try:
            return self.do(doing)
        except ReviewError:
            return None

    @property
    def now(self) -> float:
        return self.room.clock.now()

    def cases(self) -> tuple[Case, ...]:
        return self.do(self.room.store.listed(Filter(states=frozenset()), None, 100))

    def case(self, pick: int) -> Case | None:
        found = sorted(self.cases(), key=lambda case: case.id)
        return found[pick % len(found)] if found else None

    # -- what must hold ------------------------------------------------------------------------------------------------

    @invariant()
    def every_case_is_sound(self) -> None:
        living: set[ConversationKey] = set()
        for case in self.cases():
            assert (case.claim is not None) == (case.state is CaseState.CLAIMED)
            assert not case.held or case.state is CaseState.CLAIMED
            assert (case.conversation is None) == (case.gone is not None)
            assert case.gone is None or case.state is CaseState.CLOSED
            assert case.id not in self.forgotten or case.gone is not None
            assert case.state is not CaseState.DECIDED or case.decision is not None
            assert case.pending is (case.state in (CaseState.OPEN, CaseState.CLAIMED))
            if case.pending and case.escalated_at is None:
                assert case.wakes_at is not None
                assert case.wakes_at <= case.deadline, "nothing would wake it at its deadline"
            if case.state is CaseState.CLOSED and case.gone is None:
                assert case.wakes_at is not None, "nothing would ever let its person go"
            if case.state is not CaseState.CLOSED and case.conversation is not None:
                assert case.conversation.reveal() not in living, "two living cases for one conversation"
                living.add(case.conversation.reveal())

    @invariant()
    def what_happened_is_on_record(self) -> None:
        assert self.do(self.room.store.verify()) == self.do(self.room.store.head())
        for case in self.cases():
            history = [entry.event for entry in self.do(self.room.store.history(case.id))]
            assert history[0].action is Action.OPENED
            starts = 1 + sum(event.action in (Action.FOLLOW_UP, Action.FLAGGED) for event in history)
            escalated = [event for event in history if event.action is Action.DEADLINE_PASSED]
            moved = sum(event.details.get("ruling") == Ruling.ESCALATE for event in history)
            assert len(escalated) <= starts + moved, "one deadline escalated twice"
            assert all(event.by == SYSTEM for event in escalated)
            assert not any("some words" in str(event) for event in history)

    @invariant()
    def the_bot_is_silent_exactly_where_people_speak(self) -> None:
        waiting = 0
        for case in self.cases():
            if case.gone is None:
                errands = self.do(self.room.store.errands(case))
                switches = [each.kind for each in errands if each.text is None]
                assert (switches[-1:] == [ErrandKind.TAKE_OVER]) is case.held
                if case.revision > 1 and not switches:
                    assert not case.held
                waiting += sum(each.outcome is Outcome.PENDING for each in errands)
        assert self.do(self.room.errandry.run()) == waiting


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
