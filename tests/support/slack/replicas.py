"""Several ``raise-bot run`` on one PostgreSQL and one Redis behind a balancer, killed one by one under load."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
import time
from bisect import bisect
from pathlib import Path

import aiohttp

from tests.support.slack.doors import Door, HttpDoor
from tests.support.slack.killing import Killing, payload_of, turn_of
from tests.support.slack.process import START_SECONDS, BotProcess, Start
from tests.support.slack.server import Server

TAKEOVER_SECONDS = 30.0
ROUND = 25
"""Kills in a row, after which everybody is answered before it goes on."""


class Replicas(Killing):
    """``size`` processes at any time; each event goes to any of them, and is sent again until one acknowledges it.

    ``slowest``: the longest that anybody waited, from the last kill before the answer (seconds): what a takeover takes
    at most. ``open``: how many people had no answer yet at a kill."""

    def __init__(
        self, server: Server, database: str, redis: str, seed: int, size: int = 2, start: Start | None = None
    ) -> None:
        super().__init__(server, "http", Path(), seed)
        self._start = start
        self.size = size
        self.settings = {
            "RAISE_STATE": "",
            "RAISE_DATABASE_URL": database,
            "RAISE_REDIS_URL": redis,
            "RAISE_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        }
        self.living: list[BotProcess] = []
        self.slowest = 0.0
        self.open = 0
        self._killed_at: list[float] = []
        self._spawned = 0

    async def run(self, kills: int) -> int:
        """Kill so many, each in the middle of work, and wait until all is answered; the worst exit code at the end."""
        self.workspace.add_channel("C1")
        try:
            async with aiohttp.ClientSession() as self._session, asyncio.TaskGroup() as group:
                self.living = await asyncio.gather(*(self.started() for _ in range(self.size)))
                for number in range(1, kills + 1):
                    await self._lose_one(group)
                    if number % ROUND == 0 or number == kills:
                        await self._settle()
            return max([await bot.stop() for bot in self.living])
        finally:
            for bot in self.living:
                await bot.kill()

    async def started(self) -> BotProcess:
        self._spawned += 1
        bot = await BotProcess.start(self.server, f"p{self._spawned}", self.state, start=self._start, **self.settings)
        async with asyncio.timeout(START_SECONDS):
            await asyncio.shield(bot.url)
        return bot

    async def _lose_one(self, group: asyncio.TaskGroup) -> None:
        for _ in range(self.random.randint(5, 9)):
            self._write(group, self.random.random())
        self._trouble()
        await asyncio.sleep(self.random.random() * 1.5)
        dead = self.living.pop(self.random.randrange(len(self.living)))
        await dead.kill()
        self._killed_at.append(time.time())
        self.kills += 1
        self.living.append(await self._next())

    async def _next(self) -> BotProcess:
        """Who takes the place of the dead."""
        return await self.started()

    async def _settle(self) -> None:
        """Wait until everybody has an answer."""
        with contextlib.suppress(TimeoutError):  # then problems() says what is missing
            await self.workspace.until(self._all_answered, 3 * TAKEOVER_SECONDS)
        waits = self._waits()
        self.slowest, self.open = max((self.slowest, time.time() - self._killed_at[-1], *waits)), len(waits)
        self.workspace.calls.clear()

    def _waits(self) -> list[float]:
        """Of those whose answer came after a kill: seconds since then."""
        found, answers = [], self._answers()
        for post in self.written:
            ends = [float(each.ts) for each in answers.get(turn_of(post), ()) if payload_of(each)["last"]]
            before = bisect(self._killed_at, ends[0]) if ends else 0
            if before and self._killed_at[before - 1] > float(post.ts):
                found.append(ends[0] - self._killed_at[before - 1])
        return found

    async def _door(self) -> Door:
        """Any replica's, as a balancer chooses."""
        bot = self.random.choice(self.living)
        return HttpDoor(f"{await asyncio.shield(bot.url)}/slack/events", self._session)
