"""What every store of postings and every book of links does. Subclass and give ``postings``, or ``links``."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.identity import Person
from bot.review.chat.channel import Channel
from bot.review.chat.store import LinkBook, Posting, Postings
from bot.review.moderators import Role
from tests.support.people import NOW

HERE = Channel("slack", "T1", "C1")
LEADS = Channel("slack", "T1", "C2")
THERE = Channel("discord", "10", "20")
ANNA = Person("slack", "T1", "U1")
BERT = Person("slack", "T2", "U1")


class PostingsContract:
    async def test_a_case_that_changed_is_taken_once_until_the_lease_is_over(self, postings: Postings) -> None:
        assert await postings.read_to("slack") is None
        await postings.want("slack", {"c1": HERE, "c2": None}, 7, NOW)
        assert await postings.read_to("slack") == 7
        assert await postings.take("discord", NOW, NOW + 60, 10) == ()
        assert await postings.take("slack", NOW, NOW + 60, 10) == (Posting("c1", HERE),)
        assert await postings.take("slack", NOW + 59, NOW + 120, 10) == ()
        (again,) = await postings.take("slack", NOW + 60, NOW + 120, 10)
        assert again.begun_at == NOW, "an earlier try may have posted it"

    async def test_two_processes_do_not_take_the_same(self, postings: Postings) -> None:
        await postings.want("slack", {f"c{number}": HERE for number in range(6)}, 1, NOW)
        taken = await asyncio.gather(*(postings.take("slack", NOW, NOW + 60, 4) for _ in range(3)))
        ids = [posting.case_id for each in taken for posting in each]
        assert len(ids) == len(set(ids))

    async def test_what_was_settled_rests_until_the_case_changes(self, postings: Postings) -> None:
        await postings.want("slack", {"c1": HERE}, 1, NOW)
        (taken,) = await postings.take("slack", NOW, NOW + 60, 10)
        await postings.settle(replace(taken, message="m1", shown="d1"), None, NOW + 1)
        assert await postings.take("slack", NOW + 1000, NOW + 1060, 10) == ()
        await postings.want("slack", {"c1": HERE}, 2, NOW + 1000)
        (again,) = await postings.take("slack", NOW + 1000, NOW + 1060, 10)
        assert (again.message, again.shown, again.wanted) == ("m1", "d1", 2)

    async def test_a_change_while_it_was_drawn_is_not_lost(self, postings: Postings) -> None:
        await postings.want("slack", {"c1": HERE}, 1, NOW)
        (taken,) = await postings.take("slack", NOW, NOW + 60, 10)
        await postings.want("slack", {"c1": HERE}, 2, NOW + 1)
        await postings.settle(replace(taken, message="m1"), None, NOW + 2)
        assert [each.case_id for each in await postings.take("slack", NOW + 2, NOW + 62, 10)] == ["c1"]

    async def test_a_failed_one_pauses_whatever_changes(self, postings: Postings) -> None:
        await postings.want("slack", {"c1": HERE, "c2": HERE}, 1, NOW)
        taken, other = await postings.take("slack", NOW, NOW + 60, 10)
        await postings.settle(replace(other, message="m2"), None, NOW)
        await postings.settle(replace(taken, failures=1, problem="not_in_channel"), NOW + 300, NOW)
        await postings.want("slack", {"c1": HERE}, 2, NOW + 1)
        assert await postings.take("slack", NOW + 299, NOW + 399, 10) == ()
        assert [each.problem for each in await postings.troubles()] == ["not_in_channel"]
        (again,) = await postings.take("slack", NOW + 300, NOW + 400, 10)
        assert (again.failures, again.begun_at) == (1, NOW)
        await postings.settle(replace(again, message="m1", failures=0, problem=""), None, NOW + 301)
        assert await postings.troubles() == ()

    async def test_a_card_that_was_taken_away_begins_anew(self, postings: Postings) -> None:
        await postings.want("slack", {"c1": HERE}, 1, NOW)
        (taken,) = await postings.take("slack", NOW, NOW + 60, 10)
        await postings.settle(replace(taken, message="m1"), None, NOW)
        await postings.want("slack", {"c1": HERE}, 2, NOW + 1)
        (taken,) = await postings.take("slack", NOW + 1, NOW + 61, 10)
        await postings.settle(replace(taken, message="", shown="", begun_at=None), NOW + 1, NOW + 1)
        (anew,) = await postings.take("slack", NOW + 1, NOW + 61, 10)
        assert (anew.message, anew.begun_at) == ("", None)

    async def test_edits_come_before_new_cards(self, postings: Postings) -> None:
        await postings.want("slack", {"c9": HERE}, 1, NOW)
        (first,) = await postings.take("slack", NOW, NOW + 60, 10)
        await postings.settle(replace(first, message="m9"), None, NOW)
        await postings.want("slack", {"c1": HERE, "c2": HERE}, 2, NOW + 1)
        await postings.want("slack", {"c9": HERE}, 3, NOW + 2)
        taken = await postings.take("slack", NOW + 2, NOW + 60, 2)
        assert [each.case_id for each in taken] == ["c9", "c1"]

    async def test_a_case_in_two_channels_of_two_platforms(self, postings: Postings) -> None:
        await postings.want("slack", {"c1": HERE}, 1, NOW)
        await postings.want("slack", {"c1": LEADS}, 2, NOW)
        await postings.want("discord", {"c1": THERE}, 2, NOW)
        taken = await postings.take("slack", NOW, NOW + 60, 10)
        assert {each.channel for each in taken} == {HERE, LEADS}
        assert await postings.leave("slack", "T1") == 2
        assert [each.channel for each in await postings.take("discord", NOW, NOW + 60, 10)] == [THERE]

    async def test_what_was_dropped_is_not_taken_again(self, postings: Postings) -> None:
        await postings.want("slack", {"c1": HERE}, 1, NOW)
        (taken,) = await postings.take("slack", NOW, NOW + 60, 10)
        await postings.drop(taken)
        await postings.settle(taken, NOW, NOW)
        assert await postings.take("slack", NOW + 100, NOW + 160, 10) == ()


class LinkBookContract:
    """``links`` beside the accounts mia (moderator) and lea (lead)."""

    async def test_somebody_in_chat_works_as_one_account(self, links: LinkBook) -> None:
        assert await links.moderator(ANNA) is None
        assert await links.link(ANNA, "mia")
        found = await links.moderator(ANNA)
        assert found is not None
        assert (found.name, found.role) == ("mia", Role.MODERATOR)
        assert await links.moderator(BERT) is None, "the same user id in another workspace is somebody else"
        assert await links.link(ANNA, "lea")
        again = await links.moderator(ANNA)
        assert again is not None
        assert again.role is Role.LEAD
        assert await links.linked() == ((ANNA, "lea"),)

    async def test_only_accounts_that_exist(self, links: LinkBook) -> None:
        assert not await links.link(ANNA, "nobody")
        assert await links.linked() == ()

    async def test_a_link_goes_alone_or_with_the_workspace(self, links: LinkBook) -> None:
        await links.link(ANNA, "mia")
        await links.link(BERT, "mia")
        assert await links.unlink(ANNA)
        assert not await links.unlink(ANNA)
        assert await links.moderator(ANNA) is None
        assert await links.leave("slack", "T2") == 1
        assert await links.linked() == ()
