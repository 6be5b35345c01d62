"""``/metrics`` of the running process: there for this machine, not for those a proxy speaks for, off where wished."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.errors import SettingsError
from bot.settings import load
from tests.support.metrics import figures, total
from tests.support.slack.doors import HttpDoor
from tests.support.slack.doors import Post as Postman
from tests.support.slack.model import Workspace
from tests.support.slack.people import Town, User
from tests.support.slack.process import a_bot
from tests.support.slack.server import Server


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server(Workspace()).running() as running:
        yield running


async def test_by_default_this_machine_sees_them_and_those_behind_a_proxy_do_not(
    server: Server, tmp_path: Path
) -> None:
    async with a_bot(server, tmp_path) as bot, aiohttp.ClientSession() as session:
        url = f"{await bot.url}/metrics"
        for headers in ({}, *({name: "127.0.0.1"} for name in ("Forwarded", "X-Forwarded-For", "Via"))):
            async with session.get(url, headers=headers) as answer:
                assert answer.status == (404 if headers else 200)
        assert await bot.stop() == 0


async def test_what_is_served_is_prometheus_text_without_words(server: Server, tmp_path: Path) -> None:
    async with a_bot(server, tmp_path, RAISE_METRICS="all") as bot, aiohttp.ClientSession() as session:
        url = await bot.url
        ann = User(Town(server, Postman(HttpDoor(f"{url}/slack/events", session))), "U1")
        await ann.says("set a timer for ten minutes please, kanarienvogel")
        await server.workspace.until(lambda: [each for each in server.workspace.by_bot() if each.stream == "stopped"])
        async with session.get(f"{url}/metrics", headers={"X-Forwarded-For": "10.0.0.1"}) as answer:
            assert answer.status == 200
            assert answer.headers["Content-Type"].startswith("text/plain")
            body = await answer.read()
        assert total(body, "raise_arrivals_total", platform="slack", kind="said") == 1
        assert total(body, "raise_first_effect_seconds_count", platform="slack") == 1
        assert ("raise_queue_turns", frozenset()) in figures(body)
        for word in (b"kanarienvogel", b"U1", b"T1"):
            assert word not in body
        assert await bot.stop() == 0


async def test_they_can_be_switched_off(server: Server, tmp_path: Path) -> None:
    async with a_bot(server, tmp_path, RAISE_METRICS="off") as bot, aiohttp.ClientSession() as session:
        async with session.get(f"{await bot.url}/metrics") as answer:
            assert answer.status == 404
        assert await bot.stop() == 0


def test_a_wrong_wish_is_named_at_start() -> None:
    with pytest.raises(SettingsError, match="RAISE_METRICS: expected one of local, all, off, got 'yes'"):
        load({"RAISE_METRICS": "yes"})
