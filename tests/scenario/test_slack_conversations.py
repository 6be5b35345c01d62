"""Every conversation that all faces must hold, in Slack: the real core, the real app, both ways of connecting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.scenario import conversations
from tests.support.face import Face
from tests.support.slack.face import slack_face


@pytest.mark.parametrize("mode", ["socket", "http"])
@pytest.mark.parametrize("conversation", conversations.ALL, ids=lambda each: each.__name__)
async def test_conversation(conversation: Callable[[Face], Awaitable[None]], mode: str) -> None:
    async with slack_face(mode) as face:
        await conversation(face)
