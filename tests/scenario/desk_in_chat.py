"""What moderators live through in a channel, told once for every platform."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from bot.review.cases import Action, Case, CaseState, NoteKind
from bot.review.moderators import EVERYWHERE, Moderator, Role
from tests.support.chat_desk import MIA, ChatDesk

Story = Callable[[ChatDesk], Awaitable[None]]
ONLOOKER: Final = Moderator("onlooker", Role.MODERATOR, EVERYWHERE)
WORRYING: Final = "I am going to kill myself tonight. My name is Anna Miller, my number is +1 415 555 0134"


async def the_case(desk: ChatDesk) -> Case:
    """The only one there is, whatever became of it."""
    (entry, *_) = await desk.app.reviewing.desk.trail.since(0, 1)
    case = await desk.app.stores.review.cases.find(entry.case_id)
    assert case is not None
    return case


async def actions(desk: ChatDesk) -> list[tuple[Action, str]]:
    entries = await desk.app.stores.review.papers.history((await the_case(desk)).id)
    return [(entry.event.action, entry.event.by) for entry in entries]


async def from_the_card_to_the_person(desk: ChatDesk) -> None:
    await desk.says("ann", WORRYING)
    assert "Imminent · Self-harm" in desk.card()
    assert desk.buttons() == ["Claim", "Reveal…"]
    assert "It is yours until" in await desk.presses("mia", "claim")
    assert "Claimed by mia until" in desk.card()
    assert await desk.presses("mia", "decide") == ""
    assert "delivered" in await desk.fills("mia", "contact", "Hello, this is Mia. How are you now?", "sounds alone")
    assert "Hello, this is Mia. How are you now?" in await desk.heard("ann")
    assert "Decided by mia: contact" in desk.card()
    assert desk.buttons() == ["Undo"]
    notes = await desk.app.stores.review.papers.notes(await the_case(desk))
    assert [(note.kind, note.text.reveal()) for note in notes] == [(NoteKind.NOTE, "sounds alone")]


async def taking_over_and_handing_back(desk: ChatDesk) -> None:
    await desk.says("ann", WORRYING)
    await desk.presses("mia", "claim")
    await desk.presses("mia", "decide")
    assert "Taken over" in await desk.fills("mia", "take_over", "I'm Mia, I am here.")
    assert "the bot is silent" in desk.card()
    heard = await desk.heard("ann")
    assert heard.index("A person from the team has taken over") < heard.index("I'm Mia, I am here.")
    await desk.presses("mia", "write")
    assert "delivered" in await desk.fills("mia", words="Are you safe?")
    assert "Are you safe?" in await desk.heard("ann")
    assert "the bot speaks again" in await desk.presses("mia", "hand_back")
    assert "the bot is silent" not in desk.card()


async def two_at_once(desk: ChatDesk) -> None:
    await desk.says("ann", WORRYING)
    said = await asyncio.gather(desk.presses("mia", "claim"), desk.presses("noah", "claim"))
    won = [line for line in said if "It is yours" in line]
    lost = [line for line in said if "is held by" in line]
    assert (len(won), len(lost)) == (1, 1), said
    winner = (await the_case(desk)).holder(desk.clock.now())
    assert f"held by {winner}" in lost[0]


async def somebody_without_an_account(desk: ChatDesk) -> None:
    await desk.says("ann", WORRYING)
    said = await desk.presses("zoe", "claim")
    assert "These buttons are for moderators" in said
    assert (await the_case(desk)).state is CaseState.OPEN
    assert "Nobody has claimed it yet." in desk.card()
    assert (await actions(desk))[-1] == (Action.REFUSED, "raise-bot")


async def a_reveal_needs_a_reason_and_is_for_one_alone(desk: ChatDesk) -> None:
    await desk.says("ann", WORRYING)
    await desk.presses("mia", "claim")
    await desk.presses("mia", "reveal")
    shown = await desk.fills("mia", "redacted", "to judge how near it is")
    assert "I am going to kill myself tonight" in shown
    assert "Anna" not in shown
    assert "415" not in shown
    await desk.presses("mia", "reveal")
    whole = await desk.fills("mia", "whole", "to send help")
    assert "Anna Miller" in whole
    assert "415 555 0134" in whole
    assert (Action.REVEALED, "mia") in await actions(desk)
    notes = await desk.app.stores.review.papers.notes(await the_case(desk))
    assert [note.text.reveal() for note in notes] == ["to judge how near it is", "to send help"]


async def only_the_holder_sees_identifiers(desk: ChatDesk) -> None:
    await desk.says("ann", WORRYING)
    await desk.presses("noah", "reveal")
    said = await desk.fills("noah", "whole", "I am curious")
    assert "claim it first" in said
    assert "Anna" not in said


async def what_the_desk_did_shows_on_the_card(desk: ChatDesk) -> None:
    """Whoever changes the case: here as the web desk or the terminal would."""
    await desk.says("ann", WORRYING)
    case = await the_case(desk)
    await desk.app.reviewing.desk.claim(ONLOOKER, case.id)
    await desk.follows()
    assert "Claimed by onlooker until" in desk.card()
    assert "is held by onlooker" in await desk.presses("mia", "decide") + await desk.fills("mia", "no_risk")


async def a_decision_on_a_released_case(desk: ChatDesk) -> None:
    await desk.says("ann", WORRYING)
    await desk.presses("mia", "claim")
    await desk.presses("mia", "decide")
    await desk.app.reviewing.desk.release(Moderator("mia", Role.MODERATOR, EVERYWHERE), (await the_case(desk)).id)
    said = await desk.fills("mia", "no_risk")
    assert "You do not hold case" in said
    assert "claim it first" in said
    assert (await the_case(desk)).state is CaseState.OPEN


async def a_contact_without_words_stays_open(desk: ChatDesk) -> None:
    await desk.says("ann", WORRYING)
    await desk.presses("mia", "claim")
    await desk.presses("mia", "decide")
    assert "write at least a word" in await desk.fills("mia", "contact")
    assert (await the_case(desk)).state is CaseState.CLAIMED


async def somebody_asked_to_be_forgotten(desk: ChatDesk) -> None:
    await desk.says("ann", WORRYING)
    conversation = (await the_case(desk)).conversation
    assert conversation is not None
    await desk.presses("mia", "claim")
    await desk.presses("mia", "reveal")
    await desk.app.forget(conversation.reveal().person)
    said = await desk.fills("mia", "whole", "to send help")
    assert "the person asked to be forgotten" in said
    assert "Anna" not in said
    assert "asked to be forgotten" in desk.card()
    assert desk.buttons() == []


async def a_deadline_passes(desk: ChatDesk) -> None:
    await desk.says("ann", WORRYING)
    desk.clock.advance(15 * 60)
    await desk.app.reviewing.catch_up()
    await desk.follows()
    assert "The deadline has passed, so the case was escalated." in desk.card()


async def an_escalation_and_a_second_opinion(desk: ChatDesk) -> None:
    await desk.says("ann", WORRYING)
    await desk.presses("mia", "claim")
    await desk.presses("mia", "opinion")
    assert await desk.fills("mia", words="What would you do?") == "Asked for a second opinion."
    assert "A second opinion is asked for." in desk.card()
    await desk.presses("noah", "opinion")
    assert "Second opinion given" in await desk.fills("noah", words="Call them.")
    await desk.presses("mia", "decide")
    assert "Escalated to the queue leads" in await desk.fills("mia", "escalate")
    assert "Leads" in desk.card()
    assert "Claim" in desk.buttons()


async def a_decision_taken_back(desk: ChatDesk) -> None:
    await desk.says("ann", WORRYING)
    await desk.presses("mia", "claim")
    await desk.presses("mia", "decide")
    await desk.fills("mia", "no_risk")
    assert "only they or a lead can undo it" in await desk.presses("noah", "undo")
    assert "Decision taken back" in await desk.presses("mia", "undo")
    assert "Claimed by mia" in desk.card()
    await desk.presses("mia", "release")
    assert "Nobody has claimed it yet." in desk.card()


async def nothing_of_a_person_is_ever_in_the_channel(desk: ChatDesk) -> None:
    """Through everything that can happen to a case."""
    await taking_over_and_handing_back(desk)
    await desk.presses("mia", "reveal")
    await desk.fills("mia", "whole", "to send help to Anna")
    await desk.presses("mia", "opinion")
    await desk.fills("mia", words="Anna sounds alone")
    await desk.presses("mia", "decide")
    await desk.fills("mia", "watch", note="Anna again tomorrow")
    conversation = (await the_case(desk)).conversation
    assert conversation is not None
    person = conversation.reveal().person
    await desk.app.forget(person)
    await desk.follows()
    public = desk.public()
    assert "Self-harm" in public
    told = ("Anna", "kill myself", "tonight", "555 0134", "I'm Mia", "Are you safe", "alone", "send help")
    for secret in (*told, person.user):
        assert secret not in public, secret


async def a_card_is_posted_once_though_the_connection_breaks_before(desk: ChatDesk) -> None:
    await _posted_once(desk, "before")


async def a_card_is_posted_once_though_the_connection_breaks_after(desk: ChatDesk) -> None:
    await _posted_once(desk, "after")


async def _posted_once(desk: ChatDesk, when: str) -> None:
    desk.cuts(when)
    await desk.says("ann", WORRYING)
    for _ in range(3):
        desk.clock.advance(5)
        await desk.follows()
    assert desk.cards() == 1


async def a_card_that_somebody_deleted_is_posted_anew(desk: ChatDesk) -> None:
    await desk.says("ann", WORRYING)
    desk.loses_the_card()
    (case,) = (await desk.app.reviewing.desk.list(MIA)).cases
    await desk.app.reviewing.desk.claim(MIA, case.id)
    await desk.follows()
    desk.clock.advance(1)
    await desk.follows()
    assert "Claimed by mia" in desk.card()


STORIES: Final[tuple[Story, ...]] = (
    from_the_card_to_the_person,
    taking_over_and_handing_back,
    two_at_once,
    somebody_without_an_account,
    a_reveal_needs_a_reason_and_is_for_one_alone,
    only_the_holder_sees_identifiers,
    what_the_desk_did_shows_on_the_card,
    a_decision_on_a_released_case,
    a_contact_without_words_stays_open,
    somebody_asked_to_be_forgotten,
    a_deadline_passes,
    an_escalation_and_a_second_opinion,
    a_decision_taken_back,
    nothing_of_a_person_is_ever_in_the_channel,
    a_card_is_posted_once_though_the_connection_breaks_before,
    a_card_is_posted_once_though_the_connection_breaks_after,
    a_card_that_somebody_deleted_is_posted_anew,
)
