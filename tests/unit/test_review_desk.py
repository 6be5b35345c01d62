"""The desk as moderators use it: who may do what, what is shown, how cases open and are claimed."""

from __future__ import annotations

import pytest

from bot.errors import CaseGone, CaseHeld, CaseUnknown, InputError, NotAllowed, NotHeld, TooLate
from bot.private import Private
from bot.review.cases import Action, CaseState, Departure, Gone
from bot.review.judgements import Escalate, NoRisk, Watch
from bot.review.presentation import Context
from bot.review.store import Filter
from bot.review.transcript import Voice
from bot.severity import Category, Severity
from tests.support.people import ANN, ANN_CHANNEL, ANN_DIRECT, BEN_DIRECT, HOUR
from tests.support.reviewing import (
    ELSEWHERE,
    LEA,
    LIMITS,
    MIA,
    MINUTE,
    NOAH,
    OTTO,
    Room,
    actions,
    alone,
    claimed,
)


@pytest.fixture
def here() -> Room:
    return alone()


class TestWhoMayDoWhat:
    async def test_another_workspaces_case_is_as_unknown_as_one_there_is_not(self, here: Room) -> None:
        case = await claimed(here)
        said = set()
        for who, case_id in ((ELSEWHERE, case.id), (MIA, "no such case")):
            for doing in (
                here.desk.show(who, case_id),
                here.desk.claim(who, case_id),
                here.desk.extend(who, case_id),
                here.desk.release(who, case_id),
                here.desk.decide(who, case_id, NoRisk()),
                here.desk.undo(who, case_id),
                here.desk.note(who, case_id, Private("hm")),
                here.desk.second_opinion(who, case_id, Private("hm")),
                here.desk.reveal(who, case_id, Private("hm")),
                here.desk.hand_over(who, case_id, "noah"),
                here.desk.hand_back(who, case_id),
                here.desk.message(who, case_id, Private("hm")),
            ):
                with pytest.raises(CaseUnknown) as refused:
                    await doing
                said.add(str(refused.value).replace(case_id, "CASE"))
        assert said == {"there is no case 'CASE' among those you may see"}
        assert (await here.desk.list(ELSEWHERE)).cases == ()
        asked = Filter(workspaces=frozenset({"slack:T1"}))
        assert (await here.desk.list(ELSEWHERE, asked)).cases == ()
        assert (await here.desk.statistics(ELSEWHERE)).opened == 0
        with pytest.raises(CaseUnknown):
            await here.desk.flag(ELSEWHERE, ANN_DIRECT, Severity.HIGH, None)

    async def test_operators_see_figures_and_nobody(self, here: Room) -> None:
        case = await claimed(here)
        for doing in (
            here.desk.list(OTTO),
            here.desk.show(OTTO, case.id),
            here.desk.claim(OTTO, case.id),
            here.desk.claim_next(OTTO),
            here.desk.changes(OTTO, 0),
            here.desk.flag(OTTO, ANN_DIRECT, Severity.HIGH, None),
        ):
            with pytest.raises(NotAllowed):
                await doing
        assert (await here.desk.statistics(OTTO)).opened == 1
        assert (await here.desk.referrals(OTTO))[0].count == 1
        with pytest.raises(NotAllowed):
            await here.desk.referrals(MIA)

    async def test_leads_may_act_on_what_others_hold_by_moving_it(self, here: Room) -> None:
        case = await claimed(here)
        with pytest.raises(CaseHeld) as refused:
            await here.desk.claim(LEA, case.id)
        assert (refused.value.holder, refused.value.until) == ("mia", here.clock.now() + LIMITS.claim)
        with pytest.raises(CaseHeld):
            await here.desk.decide(LEA, case.id, NoRisk())
        with pytest.raises(CaseHeld):
            await here.desk.hand_over(NOAH, case.id, "noah")
        moved = await here.desk.hand_over(LEA, case.id, "lea")
        assert moved.holder(here.clock.now()) == "lea"
        with pytest.raises(CaseHeld):
            await here.desk.extend(MIA, case.id)
        assert (await here.desk.claim(LEA, case.id)).holder(here.clock.now()) == "lea"
        with pytest.raises(CaseHeld):
            await here.desk.release(MIA, case.id)
        assert (await here.desk.release(LEA, case.id)).state is CaseState.OPEN
        with pytest.raises(NotHeld):
            await here.desk.release(LEA, case.id)

    async def test_a_case_is_handed_only_to_who_may_work_on_it(self, here: Room) -> None:
        case = await claimed(here)
        for name, error in (("nobody", InputError), ("eve", NotAllowed), ("otto", NotAllowed)):
            with pytest.raises(error):
                await here.desk.hand_over(MIA, case.id, name)
        assert (await here.desk.hand_over(MIA, case.id, "noah")).holder(here.clock.now()) == "noah"


class TestLooking:
    async def test_the_minimum_with_identifiers_hidden(self, here: Room) -> None:
        case = await here.opened(rule="plan_with_time")
        for number in range(12):
            here.said.person(f"I am Ann {number} <script>alert(1)</script>")
        view = await here.desk.show(MIA, case.id)
        assert view.person is None
        assert view.context is Context.SHOWN
        assert view.lines[0].text.reveal() == "I am [name] 4 <script>alert(1)</script>"
        assert len(view.lines) == 8
        assert {line.voice for line in view.lines} == {Voice.PERSON}
        assert view.case.reasons[0].why == "They speak of killing themselves and say when."
        assert "U1" not in repr(view)
        assert "Ann" not in repr(view)
        assert await actions(here, case) == [Action.OPENED, Action.SEEN]
        assert view.case.first_seen_at == here.clock.now()

    async def test_revealing_asks_for_a_reason_and_is_recorded(self, here: Room) -> None:
        case = await here.opened()
        here.said.person("I am Ann")
        with pytest.raises(NotHeld):
            await here.desk.reveal(MIA, case.id, Private("to call her"))
        await here.desk.claim(MIA, case.id)
        with pytest.raises(InputError):
            await here.desk.reveal(MIA, case.id, Private("  "))
        view = await here.desk.reveal(MIA, case.id, Private("to call Ann"))
        assert view.person == Private(ANN_DIRECT)
        assert view.lines[0].text.reveal() == "I am Ann"
        assert (await actions(here, case))[-1] is Action.REVEALED
        assert "Ann" not in repr(await here.store.history(case.id))
        shown = await here.desk.show(NOAH, case.id)
        assert shown.notes[0].text.reveal() == "to call [name]"

    async def test_a_conversation_that_is_over(self, here: Room) -> None:
        case = await here.opened()
        view = await here.desk.show(MIA, case.id)
        assert (view.context, view.lines) == (Context.IDLE, ())

    async def test_a_person_who_is_forgotten_leaves_a_decision(self, here: Room) -> None:
        case = await claimed(here)
        await here.desk.note(MIA, case.id, Private("Ann is calmer"))
        await here.desk.decide(MIA, case.id, Watch())
        assert await here.departures.erase(ANN) == 1
        view = await here.desk.show(MIA, case.id)
        assert view.context is Context.GONE
        assert view.case.gone == Gone(Departure.FORGOTTEN, here.clock.now())
        assert view.case.decision is not None
        assert (view.notes, view.errands, view.lines) == ((), (), ())
        for doing in (
            here.desk.claim(MIA, case.id),
            here.desk.decide(MIA, case.id, NoRisk()),
            here.desk.undo(MIA, case.id),
            here.desk.note(MIA, case.id, Private("hm")),
            here.desk.reveal(LEA, case.id, Private("hm")),
            here.desk.hand_over(LEA, case.id, "lea"),
        ):
            with pytest.raises(CaseGone, match="asked to be forgotten"):
                await doing
        assert (await here.desk.list(MIA)).cases == ()

    async def test_pages(self, here: Room) -> None:
        from bot.identity import DIRECT, ConversationKey
        from tests.support.reviewing import person

        for number in range(7):
            await here.opened(number, ConversationKey(person(number), DIRECT))
        first = await here.desk.list(MIA, limit=5)
        assert len(first.cases) == 5
        rest = await here.desk.list(MIA, after=first.after, limit=5)
        assert len(rest.cases) == 2
        assert rest.after is None
        assert len({case.id for case in first.cases + rest.cases}) == 7


class TestFlags:
    async def test_a_graver_flag_brings_the_deadline_nearer(self, here: Room) -> None:
        case = await here.opened(1, severity=Severity.CONCERN, category=None)
        graver = await here.opened(2, severity=Severity.IMMINENT)
        assert graver.id == case.id
        assert (graver.severity, graver.category, graver.flags) == (Severity.IMMINENT, Category.SELF_HARM, 2)
        assert graver.deadline == here.clock.now() + 15 * MINUTE
        lesser = await here.opened(3, severity=Severity.CONCERN)
        assert (lesser.severity, lesser.deadline) == (Severity.IMMINENT, graver.deadline)
        assert [reason.severity for reason in lesser.reasons] == [Severity.CONCERN, Severity.IMMINENT, Severity.CONCERN]

    async def test_a_flag_opens_a_decided_case_again_and_a_new_one_after_it_is_closed(self, here: Room) -> None:
        case = await claimed(here)
        await here.desk.decide(MIA, case.id, NoRisk())
        here.clock.advance(MINUTE)
        again = await here.opened(2)
        assert (again.id, again.state, again.since) == (case.id, CaseState.OPEN, here.clock.now())
        with pytest.raises(TooLate):
            await here.desk.undo(MIA, case.id)
        await here.desk.claim(MIA, case.id)
        await here.desk.decide(MIA, case.id, NoRisk())
        here.clock.advance(LIMITS.undo)
        await here.timers.sweep()
        assert (await here.opened(3)).id != case.id

    async def test_the_first_route_that_matches_wins(self, here: Room) -> None:
        child = await here.opened(1, category=Category.EXPLOITATION_OF_MINORS)
        human = await here.opened(2, BEN_DIRECT, severity=Severity.CONCERN, category=None, rule="person")
        assert (child.queue, child.deadline) == ("leads", here.clock.now() + 15 * MINUTE)
        assert (human.queue, human.deadline) == ("team", here.clock.now() + 2 * HOUR)
        assert human.reasons[0].why == "The person asked to talk to a human."

    async def test_a_moderator_can_flag(self, here: Room) -> None:
        case = await here.desk.flag(MIA, ANN_CHANNEL, Severity.HIGH, Category.HARASSMENT)
        assert (case.severity, case.category, case.workspace) == (Severity.HIGH, Category.HARASSMENT, "slack:T1")
        (entry,) = await here.store.history(case.id)
        assert (entry.event.action, entry.event.by) == (Action.OPENED, "mia")


class TestClaims:
    async def test_a_claim_that_ran_out_is_none_even_before_anybody_noticed(self, here: Room) -> None:
        case = await claimed(here)
        here.clock.advance(LIMITS.claim)
        with pytest.raises(NotHeld):
            await here.desk.extend(MIA, case.id)
        with pytest.raises(NotHeld):
            await here.desk.decide(MIA, case.id, NoRisk())
        assert (await here.desk.claim(NOAH, case.id)).holder(here.clock.now()) == "noah"

    async def test_an_extended_claim_lasts(self, here: Room) -> None:
        case = await claimed(here)
        here.clock.advance(LIMITS.claim - 1)
        await here.desk.extend(MIA, case.id)
        here.clock.advance(LIMITS.claim - 1)
        await here.timers.sweep()
        with pytest.raises(CaseHeld):
            await here.desk.claim(NOAH, case.id)

    async def test_the_next_case_is_the_gravest_that_nobody_holds(self, here: Room) -> None:
        await here.opened(1, severity=Severity.CONCERN)
        await here.opened(2, BEN_DIRECT, severity=Severity.IMMINENT)
        first, second = await here.desk.claim_next(MIA), await here.desk.claim_next(NOAH)
        assert first is not None
        assert second is not None
        assert (first.severity, second.severity) == (Severity.IMMINENT, Severity.CONCERN)
        assert await here.desk.claim_next(LEA) is None

    async def test_a_decision_on_a_released_case(self, here: Room) -> None:
        case = await claimed(here)
        await here.desk.release(MIA, case.id)
        with pytest.raises(NotHeld, match="claim it first"):
            await here.desk.decide(MIA, case.id, NoRisk())

    async def test_the_second_of_two_decisions(self, here: Room) -> None:
        case = await claimed(here)
        await here.desk.decide(MIA, case.id, NoRisk())
        with pytest.raises(NotHeld, match="decided already"):
            await here.desk.decide(MIA, case.id, Escalate())
        with pytest.raises(TooLate):
            await here.desk.claim(NOAH, case.id)
