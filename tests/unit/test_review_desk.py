"""The desk as moderators use it: who may do what, what is shown, and what comes of each decision."""

from __future__ import annotations

import pytest

from adapters.stores.memory_review import memory_review
from bot.chat import Delivered, Moderated, Notice, Told, Undelivered
from bot.errors import CaseGone, CaseHeld, CaseUnknown, InputError, NotAllowed, NotHeld, TooLate
from bot.private import Private
from bot.review.cases import Action, Case, CaseState, Departure, ErrandKind, Gone, Outcome, Ruling
from bot.review.judgements import Contact, Escalate, NoRisk, TakeOver, Watch
from bot.review.presentation import Context
from bot.review.store import Filter
from bot.review.trail import Seal
from bot.review.transcript import Voice
from bot.severity import Category, Severity
from tests.support.people import ANN, ANN_CHANNEL, ANN_DIRECT, BEN_DIRECT, DAY, HOUR
from tests.support.reviewing import ELSEWHERE, KEYS, LEA, LIMITS, MIA, MINUTE, NOAH, OTTO, Room, flag, joined, room


@pytest.fixture
def here() -> Room:
    return room(joined(memory_review(Seal(KEYS))))


@pytest.fixture
def nobody_serves() -> Room:
    """A desk in a process that talks to nobody."""
    return room(joined(memory_review(Seal(KEYS))), platforms=frozenset())


async def held(here: Room) -> Case:
    case = await here.opened()
    return await here.desk.claim(MIA, case.id)


async def actions(here: Room, case: Case) -> list[Action]:
    return [entry.event.action for entry in await here.store.history(case.id)]


class TestWhoMayDoWhat:
    async def test_another_workspaces_case_is_as_unknown_as_one_there_is_not(self, here: Room) -> None:
        case = await held(here)
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
        case = await held(here)
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
        case = await held(here)
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
        case = await held(here)
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
        case = await held(here)
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
        case = await held(here)
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
        case = await held(here)
        here.clock.advance(LIMITS.claim)
        with pytest.raises(NotHeld):
            await here.desk.extend(MIA, case.id)
        with pytest.raises(NotHeld):
            await here.desk.decide(MIA, case.id, NoRisk())
        assert (await here.desk.claim(NOAH, case.id)).holder(here.clock.now()) == "noah"

    async def test_an_extended_claim_lasts(self, here: Room) -> None:
        case = await held(here)
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
        case = await held(here)
        await here.desk.release(MIA, case.id)
        with pytest.raises(NotHeld, match="claim it first"):
            await here.desk.decide(MIA, case.id, NoRisk())

    async def test_the_second_of_two_decisions(self, here: Room) -> None:
        case = await held(here)
        await here.desk.decide(MIA, case.id, NoRisk())
        with pytest.raises(NotHeld, match="decided already"):
            await here.desk.decide(MIA, case.id, Escalate())
        with pytest.raises(TooLate):
            await here.desk.claim(NOAH, case.id)


class TestDecisions:
    async def test_no_risk_becomes_final(self, here: Room) -> None:
        case = await held(here)
        decided = await here.desk.decide(MIA, case.id, NoRisk())
        assert decided.state is CaseState.DECIDED
        here.clock.advance(LIMITS.undo - 1)
        await here.timers.sweep()
        assert (await here.desk.undo(MIA, case.id)).holder(here.clock.now()) == "mia"
        await here.desk.decide(MIA, case.id, NoRisk())
        here.clock.advance(LIMITS.undo)
        with pytest.raises(TooLate):
            await here.desk.undo(MIA, case.id)
        await here.timers.sweep()
        closed = await here.store.find(case.id)
        assert closed is not None
        assert closed.state is CaseState.CLOSED
        here.clock.advance(LIMITS.keep)
        await here.timers.sweep()
        gone = await here.store.find(case.id)
        assert gone is not None
        assert gone.gone == Gone(Departure.EXPIRED, here.clock.now())

    async def test_a_watched_case_comes_back_once(self, here: Room) -> None:
        case = await held(here)
        await here.desk.decide(MIA, case.id, Watch(2 * HOUR))
        here.clock.advance(2 * HOUR - 1)
        assert await here.timers.sweep() == 0
        here.clock.advance(1)
        assert await here.timers.sweep() == 1
        assert await here.timers.sweep() == 0
        again = await here.store.find(case.id)
        assert again is not None
        assert (again.state, again.deadline) == (CaseState.OPEN, here.clock.now() + HOUR)
        assert again.decision is not None

    @pytest.mark.parametrize("seconds", [0, 59, 91 * DAY, float("inf"), float("nan")])
    async def test_a_time_that_makes_no_sense(self, here: Room, seconds: float) -> None:
        case = await held(here)
        with pytest.raises(InputError):
            await here.desk.decide(MIA, case.id, Watch(seconds))

    async def test_escalating_leads_to_the_next_queue_and_no_further(self, here: Room) -> None:
        case = await held(here)
        here.clock.advance(MINUTE)
        moved = await here.desk.decide(MIA, case.id, Escalate())
        assert (moved.state, moved.queue, moved.deadline) == (CaseState.OPEN, "leads", here.clock.now() + HOUR)
        back = await here.desk.undo(MIA, case.id)
        assert (back.queue, back.holder(here.clock.now())) == ("team", "mia")
        await here.desk.decide(MIA, case.id, Escalate())
        await here.desk.claim(LEA, case.id)
        with pytest.raises(TooLate):
            await here.desk.undo(MIA, case.id)
        with pytest.raises(NotAllowed, match="nobody further"):
            await here.desk.decide(LEA, case.id, Escalate())

    async def test_only_the_decider_or_a_lead_takes_a_decision_back(self, here: Room) -> None:
        case = await held(here)
        await here.desk.decide(MIA, case.id, NoRisk())
        with pytest.raises(NotAllowed):
            await here.desk.undo(NOAH, case.id)
        assert (await here.desk.undo(LEA, case.id)).holder(here.clock.now()) == "lea"

    async def test_contact_is_delivered_in_private_as_the_bot(self, here: Room) -> None:
        case = await here.opened(conversation=ANN_CHANNEL)
        await here.desk.claim(MIA, case.id)
        await here.desk.decide(MIA, case.id, Contact(Private("How are you?")))
        (sent,) = here.people.sent
        assert sent.to == ANN
        assert sent.locale == "en-US"
        assert sent.body == Notice(Private("How are you?"), private=True)
        assert [inbound.content for inbound in here.people.accepted] == [Told(Private("How are you?"))]
        (errand,) = (await here.desk.show(MIA, case.id)).errands
        assert errand.outcome is Outcome.DELIVERED
        assert Action.DELIVERED in await actions(here, case)

    async def test_contact_that_is_refused_says_so(self, here: Room) -> None:
        here.people.answer = Undelivered("the person takes no messages", permanent=True)
        case = await held(here)
        await here.desk.decide(MIA, case.id, Contact(Private("How are you?")))
        (errand,) = (await here.desk.show(MIA, case.id)).errands
        assert (errand.outcome, errand.problem) == (Outcome.UNDELIVERED, "the person takes no messages")
        assert here.people.accepted == []
        assert (await here.desk.undo(MIA, case.id)).state is CaseState.CLAIMED

    async def test_contact_where_nobody_serves_the_platform(self, nobody_serves: Room) -> None:
        here = nobody_serves
        case = await held(here)
        await here.desk.decide(MIA, case.id, Contact(Private("How are you?")))
        (errand,) = (await here.desk.show(MIA, case.id)).errands
        assert errand.outcome is Outcome.PENDING
        here.clock.advance(11 * MINUTE)
        await here.timers.sweep()
        (errand,) = (await here.desk.show(MIA, case.id)).errands
        assert errand.outcome is Outcome.UNDELIVERED
        assert errand.problem == "no running process served slack within 10 minutes"

    @pytest.mark.parametrize("text", ["", " \n", "x" * 4_001])
    async def test_a_text_that_is_none(self, here: Room, text: str) -> None:
        case = await held(here)
        for doing in (
            here.desk.decide(MIA, case.id, Contact(Private(text))),
            here.desk.note(MIA, case.id, Private(text)),
            here.desk.reveal(MIA, case.id, Private(text)),
        ):
            with pytest.raises(InputError):
                await doing
        await here.desk.decide(MIA, case.id, TakeOver())
        with pytest.raises(InputError):
            await here.desk.message(MIA, case.id, Private(text))


class TestTakingOver:
    async def test_speaking_in_place_of_the_bot(self, here: Room) -> None:
        case = await held(here)
        with pytest.raises(NotAllowed):
            await here.desk.message(MIA, case.id, Private("hello"))
        taken = await here.desk.decide(MIA, case.id, TakeOver())
        assert taken.held
        with pytest.raises(NotAllowed):
            await here.desk.decide(MIA, case.id, TakeOver())
        with pytest.raises(NotAllowed):
            await here.desk.decide(MIA, case.id, Contact(Private("hello")))
        await here.desk.message(MIA, case.id, Private("hello"))
        assert here.people.sent[-1].body == Notice(Private("hello"), title="From the team")
        back = await here.desk.hand_back(MIA, case.id)
        assert not back.held
        with pytest.raises(NotAllowed):
            await here.desk.hand_back(MIA, case.id)
        assert [inbound.content for inbound in here.people.accepted] == [
            Moderated(held=True),
            Told(Private("hello")),
            Moderated(held=False),
        ]
        ids = [inbound.turn_id for inbound in here.people.accepted]
        assert len(set(ids)) == 3

    @pytest.mark.parametrize("how", ["release", "no_risk", "escalate", "run out"])
    async def test_the_bot_speaks_again_however_a_moderator_leaves(self, here: Room, how: str) -> None:
        case = await held(here)
        await here.desk.decide(MIA, case.id, TakeOver())
        match how:
            case "release":
                await here.desk.release(MIA, "case-000001")
            case "no_risk":
                await here.desk.decide(MIA, "case-000001", NoRisk())
            case "escalate":
                await here.desk.decide(MIA, "case-000001", Escalate())
            case _:
                here.clock.advance(LIMITS.take_over)
                await here.timers.sweep()
                await here.errandry.run()
        assert here.people.accepted[-1].content == Moderated(held=False)
        after = await here.store.find("case-000001")
        assert after is not None
        assert not after.held

    async def test_extending_keeps_the_bot_silent(self, here: Room) -> None:
        case = await held(here)
        await here.desk.decide(MIA, case.id, TakeOver())
        here.clock.advance(LIMITS.take_over - 1)
        await here.desk.extend(MIA, case.id)
        assert [inbound.content for inbound in here.people.accepted] == [Moderated(held=True), Moderated(held=True)]
        here.clock.advance(LIMITS.take_over - 1)
        assert await here.timers.sweep() == 1  # the deadline of the case itself
        assert (await here.desk.hand_over(MIA, case.id, "noah")).held

    async def test_taking_over_is_not_undone_but_handed_back(self, here: Room) -> None:
        case = await held(here)
        await here.desk.decide(MIA, case.id, TakeOver())
        with pytest.raises(NotAllowed, match="hand the conversation back"):
            await here.desk.undo(MIA, case.id)


class TestColleagues:
    async def test_a_second_opinion(self, here: Room) -> None:
        case = await held(here)
        await here.desk.second_opinion(MIA, case.id, Private("what would you do?"))
        (waiting,) = (await here.desk.list(NOAH, Filter(opinion_wanted=True))).cases
        assert waiting.id == case.id
        await here.desk.second_opinion(NOAH, case.id, Private("call her"))
        view = await here.desk.show(MIA, case.id)
        assert [(note.kind.value, note.by) for note in view.notes] == [("question", "mia"), ("opinion", "noah")]
        assert (await here.desk.list(NOAH, Filter(opinion_wanted=True))).cases == ()
        assert (await here.desk.decide(MIA, case.id, NoRisk())).decision is not None

    async def test_everything_is_in_the_history(self, here: Room) -> None:
        case = await held(here)
        await here.desk.note(NOAH, case.id, Private("seen before"))
        await here.desk.hand_over(MIA, case.id, "noah")
        await here.desk.extend(NOAH, case.id)
        await here.desk.decide(NOAH, case.id, NoRisk())
        await here.desk.undo(NOAH, case.id)
        await here.desk.release(NOAH, case.id)
        history = await here.store.history(case.id)
        assert [(entry.event.action, entry.event.by) for entry in history] == [
            (Action.OPENED, "raise-bot"),
            (Action.CLAIMED, "mia"),
            (Action.NOTED, "noah"),
            (Action.HANDED_OVER, "mia"),
            (Action.EXTENDED, "noah"),
            (Action.DECIDED, "noah"),
            (Action.UNDONE, "noah"),
            (Action.RELEASED, "noah"),
        ]
        assert history[5].event.details == {"ruling": Ruling.NO_RISK}
        assert [entry.number for entry in await here.desk.changes(MIA, 6)] == [7, 8]


class TestTimers:
    async def test_a_deadline_that_passes_escalates_once(self, here: Room) -> None:
        case = await here.opened()
        here.clock.advance(HOUR - 1)
        assert await here.timers.sweep() == 0
        here.clock.advance(1)
        assert await here.timers.sweep() == 1
        late = await here.store.find(case.id)
        assert late is not None
        assert (late.queue, late.escalated_at, late.deadline) == ("leads", here.clock.now(), case.deadline)
        here.clock.advance(30 * DAY)
        assert await here.timers.sweep() == 0
        assert (await actions(here, case)).count(Action.DEADLINE_PASSED) == 1

    async def test_who_works_on_a_late_case_keeps_it(self, here: Room) -> None:
        case = await here.opened(severity=Severity.IMMINENT)
        here.clock.advance(5 * MINUTE)
        await here.desk.claim(MIA, case.id)
        here.clock.advance(10 * MINUTE)
        await here.timers.sweep()
        late = await here.store.find(case.id)
        assert late is not None
        assert (late.queue, late.holder(here.clock.now())) == ("leads", "mia")

    async def test_errands_that_a_dead_process_took_are_done_by_the_next(self, here: Room) -> None:
        here.people.answer = Delivered()
        case = await held(here)
        silent = room(here.store, platforms=frozenset())
        await silent.desk.decide(MIA, case.id, TakeOver())
        now = here.clock.now()
        assert await here.store.take(frozenset({"slack"}), now, now + MINUTE) is not None  # and it dies
        assert await here.errandry.run() == 0
        here.clock.advance(MINUTE)
        assert await here.errandry.run() == 1
        (errand,) = await here.store.errands(case)
        assert (errand.kind, errand.outcome) == (ErrandKind.TAKE_OVER, Outcome.DELIVERED)


async def test_a_flag_taken_twice_counts_once(here: Room) -> None:
    await here.opening.take(flag(1))
    await here.opening.take(flag(1))
    (case,) = (await here.desk.list(MIA)).cases
    assert case.flags == 1
