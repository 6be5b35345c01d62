"""Cards of cases: what they say and offer in each state, and that the board keeps them so, whatever goes wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from adapters.stores.memory_cards import MemoryPostings
from adapters.stores.memory_review import memory_review
from bot.policy.cases import ChannelPolicy
from bot.policy.schema import Policy
from bot.private import Private
from bot.review.chat.board import REFUSED_AGAIN, Board, NotShown, Trouble
from bot.review.chat.cards import Card, Press, card_of, form_of
from bot.review.chat.channel import Channel, channel_of
from bot.review.judgements import Escalate, NoRisk, TakeOver, Watch
from bot.review.trail import Seal
from bot.severity import Severity
from tests.support.channels import LEADS, MODS, Wall, with_channels, words
from tests.support.people import ANN, ANN_CHANNEL, ANN_DIRECT, BEN_DIRECT
from tests.support.reviewing import KEYS, LEA, MIA, NOAH, Room, joined, room

EVERYTHING = with_channels(ChannelPolicy(channel=str(MODS)))


@dataclass
class Hall:
    """A desk with a board beside it."""

    room: Room
    board: Board
    wall: Wall
    reported: list[tuple[Channel, str]]
    policy: list[Policy] = field(default_factory=lambda: [EVERYTHING])

    async def looks(self) -> int:
        return await self.board.look()


@pytest.fixture
def hall() -> Hall:
    desk = room(joined(memory_review(Seal(KEYS))))
    wall, reported, policy = Wall(), [], [EVERYTHING]
    board = Board(
        platform="slack",
        surface=wall,
        postings=MemoryPostings(),
        cases=desk.store,
        trail=desk.store,
        policy=lambda: policy[0],
        clock=desk.clock,
        report=lambda channel, problem: reported.append((channel, problem)),
    )
    return Hall(desk, board, wall, reported, policy)


def offered(card: Card) -> list[Press]:
    return [button.press for button in card.buttons]


# -- what a card says ------------------------------------------------------------------------------------------------


async def test_a_card_through_the_life_of_its_case(hall: Hall) -> None:
    desk, wall = hall.room.desk, hall.wall
    case = await hall.room.opened()
    await hall.looks()
    opened = wall.of(case.id)
    assert opened.title == "High · Self-harm"
    assert opened.urgent
    assert "Nobody has claimed it yet." in words(opened)
    assert f"Decide by @{case.deadline:.0f}" in words(opened)
    assert offered(opened) == [Press.CLAIM, Press.REVEAL]
    claimed = await desk.claim(MIA, case.id)
    assert claimed.claim is not None
    await hall.looks()
    assert f"Claimed by mia until @{claimed.claim.until:.0f}" in words(wall.of(case.id))
    assert offered(wall.of(case.id)) == [Press.DECIDE, Press.EXTEND, Press.RELEASE, Press.OPINION, Press.REVEAL]
    await desk.second_opinion(MIA, case.id, Private("What do you think?"))
    await desk.decide(MIA, case.id, TakeOver())
    await hall.looks()
    assert "the bot is silent" in words(wall.of(case.id))
    assert "A second opinion is asked for." in words(wall.of(case.id))
    assert Press.HAND_BACK in offered(wall.of(case.id))
    await desk.hand_back(MIA, case.id)
    await desk.decide(MIA, case.id, NoRisk())
    await hall.looks()
    assert "Decided by mia: no risk." in words(wall.of(case.id))
    assert offered(wall.of(case.id)) == [Press.UNDO]
    hall.room.clock.advance(10 * 60)
    await hall.room.timers.sweep()
    await hall.looks()
    assert "The case is closed." in words(wall.of(case.id))
    assert offered(wall.of(case.id)) == []
    assert wall.posts == 1


async def test_a_card_of_somebody_who_asked_to_be_forgotten_says_so(hall: Hall) -> None:
    case = await hall.room.opened()
    await hall.looks()
    await hall.room.departures.erase(ANN)
    await hall.looks()
    gone = hall.wall.of(case.id)
    assert gone.title.endswith("gone")
    assert "asked to be forgotten" in words(gone)
    assert offered(gone) == []


async def test_a_deadline_that_passes_shows_on_the_card(hall: Hall) -> None:
    case = await hall.room.opened()
    await hall.looks()
    hall.room.clock.advance(case.deadline - hall.room.clock.now())
    await hall.room.timers.sweep()
    await hall.looks()
    assert "The deadline has passed, so the case was escalated." in words(hall.wall.of(case.id))


async def test_a_claim_that_ran_out_shows_on_the_card(hall: Hall) -> None:
    case = await hall.room.opened(severity=Severity.CONCERN)
    await hall.room.desk.claim(MIA, case.id)
    await hall.looks()
    hall.room.clock.advance(15 * 60)
    await hall.room.timers.sweep()
    await hall.looks()
    assert "Nobody has claimed it yet." in words(hall.wall.of(case.id))


async def test_nothing_of_a_person_is_on_a_card(hall: Hall) -> None:
    """Whatever was written, noted or sent, and whoever it is."""
    case = await hall.room.opened()
    hall.room.said.person("a canary sang: I am Ann, call +1 415 555 0134")
    await hall.room.desk.claim(MIA, case.id)
    await hall.room.desk.note(MIA, case.id, Private("canary in a note"))
    await hall.room.desk.decide(MIA, case.id, TakeOver())
    await hall.room.desk.message(MIA, case.id, Private("canary in a message"))
    kept = await hall.room.store.find(case.id)
    assert kept is not None
    for card in (card_of(kept, "Moderators"), card_of(case, "Moderators")):
        for secret in ("canary", "Ann", "415", ANN.user, str(ANN), str(ANN_DIRECT)):
            assert secret not in repr(card)


def test_every_form_has_its_fields() -> None:
    with_forms = {press for press in Press if form_of(press, "c1") is not None}
    assert with_forms == {Press.DECIDE, Press.OPINION, Press.WRITE, Press.REVEAL}


# -- where it stands -------------------------------------------------------------------------------------------------


async def test_the_first_channel_that_matches_wins(hall: Hall) -> None:
    policy = with_channels(
        ChannelPolicy(severities=(Severity.IMMINENT,), channel=str(LEADS)),
        ChannelPolicy(workspaces=("slack:T2",), channel="slack:T2:C9"),
        ChannelPolicy(channel=str(MODS)),
    )
    high = await hall.room.opened(1)
    imminent = await hall.room.opened(2, BEN_DIRECT, severity=Severity.IMMINENT)
    assert channel_of(policy.cases, high) == MODS
    assert channel_of(policy.cases, imminent) == LEADS


async def test_a_channel_takes_no_other_workspace_unless_told_to(hall: Hall) -> None:
    case = await hall.room.opened()
    elsewhere = with_channels(ChannelPolicy(channel="discord:10:20"))
    assert channel_of(elsewhere.cases, case) is None
    told = with_channels(ChannelPolicy(workspaces=("slack:T1",), channel="discord:10:20"))
    assert channel_of(told.cases, case) == Channel("discord", "10", "20")


async def test_an_escalated_case_moves_to_the_channel_of_its_queue(hall: Hall) -> None:
    leads = ChannelPolicy(queues=("leads",), channel=str(LEADS))
    hall.policy[0] = with_channels(leads, ChannelPolicy(channel=str(MODS)))
    case = await hall.room.opened()
    await hall.looks()
    await hall.room.desk.claim(MIA, case.id)
    await hall.room.desk.decide(MIA, case.id, Escalate())
    await hall.looks()
    assert "has left this channel. It is in the queue Leads now." in words(hall.wall.of(case.id, MODS))
    assert offered(hall.wall.of(case.id, MODS)) == []
    assert Press.CLAIM in offered(hall.wall.of(case.id, LEADS))


# -- that it follows -------------------------------------------------------------------------------------------------


async def test_ten_changes_are_one_edit_and_none_is_none(hall: Hall) -> None:
    case = await hall.room.opened()
    await hall.looks()
    for _ in range(5):
        await hall.room.desk.claim(MIA, case.id)
        await hall.room.desk.release(MIA, case.id)
    await hall.room.desk.claim(NOAH, case.id)
    await hall.looks()
    assert (hall.wall.posts, hall.wall.edits) == (1, 1)
    await hall.room.desk.show(LEA, case.id)
    await hall.looks()
    assert hall.wall.edits == 1, "looking changes nothing that a card shows"


async def test_what_was_decided_before_it_could_be_posted_is_not_posted(hall: Hall) -> None:
    await hall.looks()
    case = await hall.room.opened()
    await hall.room.desk.claim(MIA, case.id)
    await hall.room.desk.decide(MIA, case.id, NoRisk())
    await hall.looks()
    assert hall.wall.posts == 0


async def test_passing_trouble_is_tried_again_soon(hall: Hall) -> None:
    case = await hall.room.opened()
    hall.wall.problems = [NotShown(Trouble.PASSING, "ratelimited")]
    await hall.looks()
    assert hall.wall.posts == 0
    hall.room.clock.advance(1)
    await hall.looks()
    assert hall.wall.of(case.id)
    assert hall.reported == [], "that is no news for an operator"


async def test_a_closed_channel_is_reported_once_and_left_alone_for_a_while(hall: Hall) -> None:
    await hall.room.opened()
    hall.wall.problems = [NotShown(Trouble.REFUSED, "not_in_channel")] * 2
    await hall.looks()
    for number, conversation in enumerate((BEN_DIRECT, ANN_CHANNEL), 2):
        await hall.room.opened(number, conversation)
    await hall.looks()
    assert hall.wall.asked == 1, "further cases do not knock at the same door"
    hall.room.clock.advance(REFUSED_AGAIN)
    await hall.looks()
    assert hall.wall.asked == 2
    assert hall.reported == [(MODS, "not_in_channel")]
    assert [each.problem for each in await hall.board.postings.troubles()] == ["not_in_channel"]
    hall.room.clock.advance(REFUSED_AGAIN)
    await hall.looks()
    assert hall.wall.posts == 3
    assert hall.reported == [(MODS, "not_in_channel"), (MODS, "")]
    assert await hall.board.postings.troubles() == ()


async def test_a_card_that_was_taken_away_comes_back_while_somebody_has_to_decide(hall: Hall) -> None:
    case = await hall.room.opened()
    await hall.looks()
    hall.wall.cards.clear()
    hall.wall.problems = [NotShown(Trouble.LOST, "message_not_found")]
    await hall.room.desk.claim(MIA, case.id)
    await hall.looks()
    hall.room.clock.advance(1)
    await hall.looks()
    assert hall.wall.posts == 2
    hall.wall.problems = [NotShown(Trouble.LOST, "message_not_found")]
    await hall.room.desk.decide(MIA, case.id, NoRisk())
    await hall.looks()
    hall.room.clock.advance(1)
    await hall.looks()
    assert hall.wall.posts == 2


async def test_a_post_that_may_have_arrived_is_looked_for_first(hall: Hall) -> None:
    case = await hall.room.opened()
    hall.wall.problems = [NotShown(Trouble.PASSING, "no answer")]
    await hall.looks()
    hall.wall.cards[MODS, "m-before"] = card_of(case, "Moderators")
    hall.room.clock.advance(1)
    await hall.looks()
    assert hall.wall.posts == 0
    await hall.room.desk.claim(MIA, case.id)
    await hall.looks()
    assert "Claimed by mia" in words(hall.wall.of(case.id))


async def test_a_watched_case_that_comes_back_gets_a_card_where_people_look(hall: Hall) -> None:
    case = await hall.room.opened()
    await hall.looks()
    await hall.room.desk.claim(MIA, case.id)
    await hall.room.desk.decide(MIA, case.id, Watch())
    await hall.looks()
    assert hall.wall.posts == 1
    hall.room.clock.advance(24 * 3600)
    await hall.room.timers.sweep()
    await hall.looks()
    assert hall.wall.posts == 2
    old, new = hall.wall.cards[MODS, "m1"], hall.wall.cards[MODS, "m2"]
    assert "Its card is further down." in words(old)
    assert offered(old) == []
    assert Press.CLAIM in offered(new)
    await hall.room.desk.claim(MIA, case.id)
    await hall.looks()
    assert hall.wall.posts == 2
    assert "Claimed by mia" in words(hall.wall.cards[MODS, "m2"])


async def test_beginning_shows_what_waits_and_not_what_was(hall: Hall) -> None:
    done = await hall.room.opened(1)
    await hall.room.desk.claim(MIA, done.id)
    await hall.room.desk.decide(MIA, done.id, NoRisk())
    waiting = await hall.room.opened(2, BEN_DIRECT)
    await hall.looks()
    assert [card.case_id for card in hall.wall.cards.values()] == [waiting.id]
