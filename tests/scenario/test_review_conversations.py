"""From a message that worries, through the desk, back into the conversation: the whole application in one process."""

from __future__ import annotations

from bot.private import Private
from bot.review.cases import CaseState, Outcome
from bot.review.judgements import Contact, NoRisk, TakeOver
from bot.review.moderators import EVERYWHERE, Moderator, Role
from bot.review.presentation import Context
from tests.support.terminal_face import TerminalFace, terminal_face

MIA = Moderator("mia", Role.MODERATOR, EVERYWHERE)
LEA = Moderator("lea", Role.LEAD, EVERYWHERE)
WORRYING = "I am going to kill myself tonight. My name is Anna Miller, my number is +1 415 555 0134"


async def texts(face: TerminalFace, user: str) -> list[str]:
    return [line["text"] for line in await face.seen(user) if "text" in line]


async def test_a_moderator_takes_over_and_hands_back() -> None:
    async with terminal_face() as face:
        desk = face.app.reviewing.desk
        await face.say("u1", WORRYING)
        (case,) = (await desk.list(MIA)).cases
        view = await desk.show(MIA, case.id)
        assert view.lines[0].text.reveal().startswith("I am going to kill myself tonight. My name is [")
        assert "415" not in view.lines[0].text.reveal()
        await desk.claim(MIA, case.id)
        await desk.decide(MIA, case.id, TakeOver())
        await settled(face)
        assert (await texts(face, "u1"))[-1].startswith("A person from the team has taken over")
        before = len(await texts(face, "u1"))
        await face.say("u1", "are you there?")
        assert len(await texts(face, "u1")) == before
        await desk.message(MIA, case.id, Private("I'm here, my name is Mia."))
        await settled(face)
        assert (await texts(face, "u1"))[-1] == "I'm here, my name is Mia."
        lines = [line.text.reveal() for line in (await desk.show(MIA, case.id)).lines]
        assert lines[-2] == "are you there?"
        await face.say("u1", "I want to kill myself right now")
        assert (await face.seen("u1"))[-1]["kind"] == "crisis", "the floor holds while people speak"
        await desk.hand_back(MIA, case.id)
        await settled(face)
        assert "handed the conversation back to me, the AI" in (await texts(face, "u1"))[-1]
        await face.say("u1", "what is the capital of Portugal?")
        assert (await face.seen("u1"))[-1]["kind"] == "answer"


async def test_a_person_who_asks_for_a_human_is_contacted() -> None:
    async with terminal_face() as face:
        desk = face.app.reviewing.desk
        await face.command("u1", "/human")
        case = await desk.claim_next(MIA)
        assert case is not None
        assert case.reasons[0].why == "The person asked to talk to a human."
        await desk.decide(MIA, case.id, Contact(Private("Hello, what can we do for you?")))
        assert (await texts(face, "u1"))[-1] == "Hello, what can we do for you?"
        (errand,) = (await desk.show(MIA, case.id)).errands
        assert errand.outcome is Outcome.DELIVERED


async def test_forget_me_reaches_the_desk() -> None:
    async with terminal_face() as face:
        desk = face.app.reviewing.desk
        await face.say("u1", WORRYING)
        (case,) = (await desk.list(MIA)).cases
        await desk.claim(MIA, case.id)
        await desk.note(MIA, case.id, Private("Anna is at home"))
        await desk.decide(MIA, case.id, NoRisk())
        await face.choose("u1", "do:forget_me_yes")
        receipt = (await texts(face, "u1"))[-1]
        assert "moderators' cases: 1" in receipt
        assert "Kept, without your name: moderators' cases" in receipt
        view = await desk.show(MIA, case.id)
        assert (view.context, view.lines, view.notes) == (Context.GONE, (), ())
        assert view.case.state is CaseState.CLOSED
        assert (await desk.referrals(LEA))[0].count == 1
        assert "Anna" not in repr(view.history)
        assert "u1" not in repr(view)


async def settled(face: TerminalFace) -> None:
    """Every turn that the desk began has ended."""
    ledger = face.app.stores.ledger
    for turn_id, _ in await ledger.open_turns():
        await face.app.intake.finished(turn_id)
