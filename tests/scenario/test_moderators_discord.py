"""The moderators' channel in Discord: the real core, the real discord.py, and everything that goes wrong in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import ManualClock
from tests.scenario import desk_in_chat
from tests.support.chat_desk import MIA, kept_in
from tests.support.discord.chat_desk import CHANNEL, DiscordDesk, discord_desk

WORRYING = desk_in_chat.WORRYING


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[DiscordDesk]:
    clock = ManualClock()
    async with kept_in(tmp_path, clock) as stores, discord_desk(stores, clock) as open_desk:
        yield open_desk


@pytest.mark.parametrize("story", desk_in_chat.STORIES, ids=lambda each: each.__name__)
async def test_every_story(desk: DiscordDesk, story: desk_in_chat.Story) -> None:
    await story(desk)


async def test_a_permission_is_missing_and_the_desk_goes_on(desk: DiscordDesk) -> None:
    channel = desk.world.channels[CHANNEL]
    channel.refusal, channel.permissions = 50_013, channel.permissions & ~(1 << 11)
    await desk.says("ann", WORRYING)
    assert desk.cards() == 0
    assert desk.app.stores.channels is not None
    (trouble,) = await desk.app.stores.channels.postings.troubles()
    assert "Send Messages" in trouble.problem
    (case,) = (await desk.app.reviewing.desk.list(MIA)).cases
    await desk.app.reviewing.desk.claim(MIA, case.id)
    channel.refusal = 0
    desk.clock.advance(300)
    await desk.follows()
    assert "Claimed by mia" in desk.card()


async def test_the_channel_was_deleted(desk: DiscordDesk) -> None:
    channel = desk.world.channels.pop(CHANNEL)
    await desk.says("ann", WORRYING)
    assert desk.app.stores.channels is not None
    assert len(await desk.app.stores.channels.postings.troubles()) == 1
    desk.world.channels[CHANNEL] = channel


async def test_cards_survive_a_restart(tmp_path: Path) -> None:
    clock = ManualClock()
    async with kept_in(tmp_path, clock) as stores:
        async with discord_desk(stores, clock) as first:
            await first.says("ann", WORRYING)
            world = first.world
        async with discord_desk(stores, clock, world=world) as second:
            await second.follows()
            assert second.cards() == 1
            assert await second.presses("mia", "claim")
            assert "Claimed by mia" in second.card()


async def test_what_was_typed_in_vain_can_be_copied(desk: DiscordDesk) -> None:
    """Discord closes every form, also one that the desk does not take."""
    await desk.says("ann", WORRYING)
    await desk.presses("mia", "claim")
    await desk.presses("mia", "decide")
    desk.clock.advance(3600)
    said = await desk.fills("mia", "contact", "Hello *there* || friend")
    assert "claim it first" in said
    await desk.world.until(lambda: any("Hello" in post.shown() for post in desk.world.posts.values() if post.only))
