"""The moderators' channel in Slack: the real core, the real slack-bolt, and everything that goes wrong in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import ManualClock
from tests.scenario import desk_in_chat
from tests.support.chat_desk import MIA, kept_in
from tests.support.slack.chat_desk import CHANNEL, SlackDesk, slack_desk
from tests.support.slack.model import Fault

WORRYING = desk_in_chat.WORRYING


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[SlackDesk]:
    clock = ManualClock()
    async with kept_in(tmp_path, clock) as stores, slack_desk(stores, clock) as open_desk:
        yield open_desk


@pytest.mark.parametrize("story", desk_in_chat.STORIES, ids=lambda each: each.__name__)
async def test_every_story(desk: SlackDesk, story: desk_in_chat.Story) -> None:
    await story(desk)


async def test_by_http_too(tmp_path: Path) -> None:
    clock = ManualClock()
    async with kept_in(tmp_path, clock) as stores, slack_desk(stores, clock, "http") as desk:
        await desk_in_chat.from_the_card_to_the_person(desk)


async def test_the_channel_was_deleted_and_the_desk_goes_on(desk: SlackDesk) -> None:
    desk.workspace.channels[CHANNEL].members.discard("UBOT")
    await desk.says("ann", WORRYING)
    assert desk.cards() == 0
    assert desk.app.stores.channels is not None
    (trouble,) = await desk.app.stores.channels.postings.troubles()
    assert "invite the bot to the channel" in trouble.problem
    (case,) = (await desk.app.reviewing.desk.list(MIA)).cases
    await desk.app.reviewing.desk.claim(MIA, case.id)
    desk.workspace.channels[CHANNEL].members.add("UBOT")
    desk.clock.advance(300)
    await desk.follows()
    assert "Claimed by mia" in desk.card()
    assert await desk.app.stores.channels.postings.troubles() == ()


async def test_cards_survive_a_restart(tmp_path: Path) -> None:
    clock = ManualClock()
    async with kept_in(tmp_path, clock) as stores:
        async with slack_desk(stores, clock) as first:
            await first.says("ann", WORRYING)
            workspace = first.workspace
        async with slack_desk(stores, clock, workspace=workspace) as second:
            await second.follows()
            assert second.cards() == 1
            assert await second.presses("mia", "claim")
            assert "Claimed by mia" in second.card()
            assert second.cards() == 1


async def test_a_form_that_opens_too_late_is_excused(desk: SlackDesk) -> None:
    await desk.says("ann", WORRYING)
    desk.workspace.faults.append(Fault("views.open", error="expired_trigger_id"))
    assert "press the button once more" in await desk.presses("mia", "reveal")
