"""Every conversation through the real discord.py, over TLS, against the test server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.scenario import conversations
from tests.support.discord.face import discord_face
from tests.support.face import Face


@pytest.mark.parametrize("conversation", conversations.ALL, ids=lambda each: each.__name__)
async def test_conversation(conversation: Callable[[Face], Awaitable[None]]) -> None:
    async with discord_face() as face:
        await conversation(face)
