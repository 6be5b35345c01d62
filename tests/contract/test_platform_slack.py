"""The contract of platforms, over Slack in the test workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from adapters.slack import SlackPlatform
from bot.identity import Person
from tests.contract.chat_platform import PlatformContract
from tests.support.slack.intake import Turn
from tests.support.slack.model import Workspace
from tests.support.slack.world import a_world


async def nothing(turn: Turn) -> None:
    return


class TestSlackPlatform(PlatformContract):
    @pytest.fixture
    def workspace(self) -> Workspace:
        return Workspace()

    @pytest.fixture
    async def platform(self, workspace: Workspace) -> AsyncIterator[SlackPlatform]:
        async with a_world("http", nothing, workspace=workspace) as world:
            world.user("U1")
            yield world.app.platform

    @pytest.fixture
    def person(self) -> Person:
        return Person("slack", "T1", "U1")

    @pytest.fixture
    def shown(self, workspace: Workspace) -> Callable[[], str]:
        def everything() -> str:
            posts = workspace.by_bot()
            labels = [element["text"]["text"] for post in posts for element in _buttons(post.blocks)]
            files = [file["name"] for post in posts for file in post.files]
            return "\n".join([*(post.shown() for post in posts), *labels, *files])

        return everything


def _buttons(blocks: list[dict[str, object]]) -> list[dict[str, dict[str, str]]]:
    found: list[dict[str, dict[str, str]]] = []
    for block in blocks:
        elements = block.get("elements", [])
        assert isinstance(elements, list)
        found += [element for element in elements if element["type"] == "button"]
    return found
