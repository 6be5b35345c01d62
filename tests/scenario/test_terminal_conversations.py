"""Every conversation on the terminal's JSON lines."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.scenario import conversations
from tests.support.face import Face
from tests.support.terminal_face import terminal_face


@pytest.mark.parametrize("conversation", conversations.ALL, ids=lambda each: each.__name__)
async def test_conversation(conversation: Callable[[Face], Awaitable[None]]) -> None:
    async with terminal_face() as face:
        await conversation(face)
