"""The contract of platforms, over Discord in the test world."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from adapters.discord import DiscordPlatform
from bot.clock import SystemClock
from bot.identity import Person
from tests.contract.chat_platform import PlatformContract
from tests.support.discord.model import World, controls
from tests.support.discord.server import Server
from tests.support.discord.world import a_scene


class TestDiscordPlatform(PlatformContract):
    @pytest.fixture
    def server(self) -> Server:
        return Server(World(SystemClock()))

    @pytest.fixture
    async def platform(self, server: Server) -> AsyncIterator[DiscordPlatform]:
        async with a_scene(server=server) as scene:
            scene.user(7_001)
            yield scene.app.platform

    @pytest.fixture
    def person(self) -> Person:
        return Person("discord", "dm", "7001")

    @pytest.fixture
    def shown(self, server: Server) -> Callable[[], str]:
        def everything() -> str:
            posts = server.world.by_bot()
            labels = [each["label"] for post in posts for each in controls(post.components)]
            return "\n".join(
                [*(post.shown() for post in posts), *labels, *(name for post in posts for name in post.files)]
            )

        return everything
