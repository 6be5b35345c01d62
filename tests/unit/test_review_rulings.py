"""What comes of each decision at the desk, and of time."""

from __future__ import annotations

import pytest

from adapters.stores.memory_review import memory_review
from bot.chat import Delivered, Moderated, Notice, Told, Undelivered
from bot.errors import InputError, NotAllowed, TooLate
from bot.private import Private
from bot.review.cases import Action, CaseState, Departure, ErrandKind, Gone, Outcome, Ruling
from bot.review.judgements import Contact, Escalate, NoRisk, TakeOver, Watch
from bot.review.store import Filter
from bot.review.trail import Seal
from bot.severity import Severity
from tests.support.people import ANN, ANN_CHANNEL, DAY, HOUR
from tests.support.reviewing import (
    KEYS,
    LEA,
    LIMITS,
    MIA,
    MINUTE,
    NOAH,
    Room,
    actions,
    alone,
    claimed,
    flag,
    joined,
    room,
)


@pytest.fixture
def here() -> Room:
    return alone()


@pytest.fixture
def nobody_serves() -> Room:
    """A desk in a process that talks to nobody."""
    return room(joined(memory_review(Seal(KEYS))), platforms=frozenset())


class TestDecisions:
    async def test_no_risk_becomes_final(self, here: Room) -> None:
        case = await claimed(here)
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
        case = await claimed(here)
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
        case = await claimed(here)
        with pytest.raises(InputError):
            await here.desk.decide(MIA, case.id, Watch(seconds))

    async def test_escalating_leads_to_the_next_queue_and_no_further(self, here: Room) -> None:
        case = await claimed(here)
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
        case = await claimed(here)
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
        case = await claimed(here)
        await here.desk.decide(MIA, case.id, Contact(Private("How are you?")))
        (errand,) = (await here.desk.show(MIA, case.id)).errands
        assert (errand.outcome, errand.problem) == (Outcome.UNDELIVERED, "the person takes no messages")
        assert here.people.accepted == []
        assert (await here.desk.undo(MIA, case.id)).state is CaseState.CLAIMED

    async def test_contact_where_nobody_serves_the_platform(self, nobody_serves: Room) -> None:
        here = nobody_serves
        case = await claimed(here)
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
        case = await claimed(here)
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
        case = await claimed(here)
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
        case = await claimed(here)
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
        case = await claimed(here)
        await here.desk.decide(MIA, case.id, TakeOver())
        here.clock.advance(LIMITS.take_over - 1)
        await here.desk.extend(MIA, case.id)
        assert [inbound.content for inbound in here.people.accepted] == [Moderated(held=True), Moderated(held=True)]
        here.clock.advance(LIMITS.take_over - 1)
        assert await here.timers.sweep() == 1  # the deadline of the case itself
        assert (await here.desk.hand_over(MIA, case.id, "noah")).held

    async def test_taking_over_is_not_undone_but_handed_back(self, here: Room) -> None:
        case = await claimed(here)
        await here.desk.decide(MIA, case.id, TakeOver())
        with pytest.raises(NotAllowed, match="hand the conversation back"):
            await here.desk.undo(MIA, case.id)


class TestColleagues:
    async def test_a_second_opinion(self, here: Room) -> None:
        case = await claimed(here)
        await here.desk.second_opinion(MIA, case.id, Private("what would you do?"))
        (waiting,) = (await here.desk.list(NOAH, Filter(opinion_wanted=True))).cases
        assert waiting.id == case.id
        await here.desk.second_opinion(NOAH, case.id, Private("call her"))
        view = await here.desk.show(MIA, case.id)
        assert [(note.kind.value, note.by) for note in view.notes] == [("question", "mia"), ("opinion", "noah")]
        assert (await here.desk.list(NOAH, Filter(opinion_wanted=True))).cases == ()
        assert (await here.desk.decide(MIA, case.id, NoRisk())).decision is not None

    async def test_everything_is_in_the_history(self, here: Room) -> None:
        case = await claimed(here)
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
        case = await claimed(here)
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
