"""The same conversation in Slack and in Discord: the same questions, the same answers, the same privacy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.scenario import conversations
from tests.support.discord.face import discord_face
from tests.support.face import Face, Seen
from tests.support.slack.face import slack_face

COMPARED = (
    conversations.asks_and_uses_what_was_said,
    conversations.stop_asking_is_obeyed,
    conversations.a_private_question_in_a_channel_stays_private,
    conversations.a_crisis_is_answered_at_once_and_asks_nothing,
    conversations.privacy_shows_forgets_and_forgets_all,
)


def gist(item: Seen) -> tuple[object, ...]:
    """What matters to a person, without the look of the platform."""
    question = (item.get("attribute"), first_line(item)) if item["kind"] == "question" else ()
    return item["kind"], item["place"], item["private"], sorted(item.get("used", [])), question


def first_line(item: Seen) -> str:
    return next(line.strip() for line in item["text"].splitlines() if line.strip())


async def shown(face: Face, conversation: Callable[[Face], Awaitable[None]]) -> list[tuple[object, ...]]:
    await conversation(face)
    return [gist(item) for item in await face.seen("ann")]


@pytest.mark.parametrize("conversation", COMPARED, ids=lambda each: each.__name__)
async def test_both_show_the_same(conversation: Callable[[Face], Awaitable[None]]) -> None:
    async with slack_face() as slack:
        there = await shown(slack, conversation)
    async with discord_face() as discord:
        here = await shown(discord, conversation)
    assert here == there
