"""Bots as processes of their own, and a test workspace whose people write to them by HTTP, as Slack does."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp

from tests.support.processes import processor
from tests.support.slack import payloads
from tests.support.slack.doors import HttpDoor, NotAcknowledged
from tests.support.slack.model import Json, Post, Workspace
from tests.support.slack.process import RUN, START_SECONDS, BotProcess
from tests.support.slack.server import Server

LINE: Final = "set a timer for ten minutes please"
AGAIN: Final = 0.2
PATIENCE: Final = 120.0
"""Seconds that somebody waits for an answer before the benchmark gives up."""


@dataclass(slots=True)
class Asked:
    """What somebody wrote, and what came of it (``time.perf_counter``)."""

    at: float
    first: float = 0.0
    ended: float = 0.0
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Watched(Server):
    """The test workspace; notes when a direct message is first answered, and when the answer is complete."""

    def __init__(self) -> None:
        super().__init__(Workspace())
        self.asked: dict[str, Asked] = {}

    def _call(self, process: str, method: str, args: Json, token: str) -> Json:
        answer = super()._call(process, method, args, token)
        self.workspace.calls.clear()
        asked = self.asked.get(str(args.get("channel")))
        if asked is not None and method.startswith("chat."):
            asked.first = asked.first or time.perf_counter()
            if _complete(method, args):
                asked.ended = time.perf_counter()
                asked.done.set()
        return answer


def _complete(method: str, args: Mapping[str, Any]) -> bool:
    """The bot says which of its messages is the last of a turn; what echoes says one."""
    told = args.get("metadata")
    if told is None:
        return method == "chat.postMessage"
    metadata = json.loads(told) if isinstance(told, str) else told
    return bool(metadata["event_payload"]["last"])


class Street:
    """People who each write one message, to any of the ``bots``; ``sent_again`` counts those not acknowledged at once,
    which Slack sends again."""

    def __init__(self, server: Watched, bots: Sequence[BotProcess], session: aiohttp.ClientSession) -> None:
        self.server = server
        self.bots = bots
        self.sent_again = 0
        self._session = session
        self._numbers = itertools.count()

    async def together(self, people: int, most: int) -> tuple[float, list[Asked]]:
        """So many people, at most ``most`` at a time; how many seconds it took."""
        left, began = iter(range(people)), time.perf_counter()
        all_of_them: list[Asked] = []

        async def some() -> None:
            for _ in left:
                asked = await self._one(time.perf_counter())
                all_of_them.append(asked)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(most, people)):
                group.create_task(some())
        return time.perf_counter() - began, all_of_them

    async def come(self, rate: float, seconds: float) -> list[Asked]:
        """People who come by chance, ``rate`` a second, whether or not those before have an answer."""
        chance, due, all_of_them = random.Random(1), time.perf_counter(), list[Asked]()
        until = due + seconds

        async def one(due: float) -> None:
            all_of_them.append(await self._one(due))

        async with asyncio.TaskGroup() as group:
            while (due := due + chance.expovariate(rate)) < until:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(one(due))
        return all_of_them

    def spent(self) -> float:
        """Seconds of CPU that the bots have used so far."""
        return sum(processor(bot.pid) for bot in self.bots)

    async def _one(self, due: float) -> Asked:
        number, workspace = next(self._numbers), self.server.workspace
        user, bot = f"U{number}", self.bots[number % len(self.bots)]
        workspace.add_member(user)
        workspace.direct(user)
        post = workspace.put(Post(workspace.ts(), f"D{user}", user, LINE))
        asked = self.server.asked[post.channel] = Asked(due)
        door = HttpDoor(f"{await asyncio.shield(bot.url)}/slack/events", self._session)
        event, retry = payloads.event(workspace, payloads.message(workspace, post)), 0
        async with asyncio.timeout(PATIENCE):
            while not await self._acknowledged(door, event, retry):
                retry += 1
                await asyncio.sleep(AGAIN)
            await asked.done.wait()
        del self.server.asked[post.channel], workspace.posts[post.channel], workspace.channels[post.channel]
        return asked

    async def _acknowledged(self, door: HttpDoor, event: Json, retry: int) -> bool:
        try:
            await door.knock("events_api", event, retry)
        except NotAcknowledged:
            self.sent_again += 1
            return False
        return True


@asynccontextmanager
async def street(
    state: Path, settings: Mapping[str, str], count: int = 1, command: Sequence[str] = RUN
) -> AsyncIterator[Street]:
    """``count`` bots, running and warm. ``settings`` are environment variables."""
    async with Watched().running() as server, AsyncExitStack() as stack:
        assert isinstance(server, Watched)
        bots = []
        for number in range(count):
            bot = await BotProcess.start(server, f"p{number}", state, command, **settings)
            stack.push_async_callback(bot.kill)
            bots.append(bot)
        for bot in bots:
            async with asyncio.timeout(START_SECONDS):
                await asyncio.shield(bot.url)
        connector = aiohttp.TCPConnector(limit=0)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        here = Street(server, bots, session)
        await here.together(20 * count, 10 * count)
        yield here
