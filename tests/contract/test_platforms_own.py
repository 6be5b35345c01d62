"""The contract of platforms, over the bot's own faces: web and terminal."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from rich.console import Console

from adapters.terminal import JsonTerminal
from adapters.terminal.rich_terminal import RichTerminal
from adapters.web import WebPlatform
from adapters.web.items import draw
from bot.chat import Platform
from bot.clock import ManualClock
from bot.identity import DIRECT, Person
from tests.contract.chat_platform import PlatformContract


class TestWebPlatform(PlatformContract):
    @pytest.fixture
    def platform(self) -> WebPlatform:
        return WebPlatform(ManualClock())

    @pytest.fixture
    def person(self, platform: WebPlatform) -> Person:
        return platform.person("ann")

    @pytest.fixture
    def shown(self, platform: WebPlatform, person: Person) -> Callable[[], str]:
        return lambda: json.dumps([draw(item, person) for item in platform.feeds.read(person, DIRECT, 0)])


class TestJsonTerminal(PlatformContract):
    @pytest.fixture
    def lines(self) -> list[str]:
        return []

    @pytest.fixture
    def platform(self, lines: list[str]) -> Platform:
        return JsonTerminal(lines.append)

    @pytest.fixture
    def person(self) -> Person:
        return Person("terminal", "w1", "ann")

    @pytest.fixture
    def shown(self, lines: list[str]) -> Callable[[], str]:
        return lambda: "".join(lines)


class TestRichTerminal(PlatformContract):
    @pytest.fixture
    def screen(self) -> io.StringIO:
        return io.StringIO()

    @pytest.fixture
    def platform(self, screen: io.StringIO) -> Platform:
        return RichTerminal(Console(file=screen, width=60, color_system=None))

    @pytest.fixture
    def person(self) -> Person:
        return Person("terminal", "w1", "ann")

    @pytest.fixture
    def shown(self, screen: io.StringIO) -> Callable[[], str]:
        return screen.getvalue
