"""Every conversation on the chat page's server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.scenario import conversations
from tests.support.face import Face
from tests.support.web_face import web_face


@pytest.mark.parametrize("conversation", conversations.ALL, ids=lambda each: each.__name__)
async def test_conversation(conversation: Callable[[Face], Awaitable[None]]) -> None:
    async with web_face() as face:
        await conversation(face)
