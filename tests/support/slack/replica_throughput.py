"""Turns a second of one and of several ``raise-bot run`` on one PostgreSQL and Redis, all on this machine.

``python -m tests.support.slack.replica_throughput --turns 200 --sizes 1,2`` prints one JSON object a line. The servers,
the test workspace and the driver take their share of the same cores: ``cores`` and ``load`` say of what.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from pathlib import Path

import aiohttp

from tests.support.servers import postgres_server, redis_server
from tests.support.slack import payloads
from tests.support.slack.model import Post, Workspace
from tests.support.slack.replicas import Replicas
from tests.support.slack.server import Server

LINE = "set a timer for ten minutes please"
LIMIT = 600.0


class Load(Replicas):
    """People who each write one message; as many at a time as ``together``."""

    async def measure(self, turns: int, together: int) -> float:
        """Seconds for so many turns, after a few to warm up."""
        try:
            async with aiohttp.ClientSession() as self._session:
                self.living = await asyncio.gather(*(self.started() for _ in range(self.size)))
                await self._all(10 * self.size, together)
                began = time.perf_counter()
                await self._all(turns, together)
                return time.perf_counter() - began
        finally:
            for bot in self.living:
                await bot.kill()

    async def _all(self, turns: int, together: int) -> None:
        room = asyncio.Semaphore(together)

        async def one() -> None:
            async with room:
                self._users += 1
                user = f"U{self._users}"
                self.workspace.add_member(user)
                self.workspace.direct(user)
                post = self.workspace.put(Post(self.workspace.ts(), f"D{user}", user, LINE))
                self.written = [post]
                await self._deliver(payloads.event(self.workspace, payloads.message(self.workspace, post)), 0.0)
                await self.workspace.until(lambda: bool(self._of(post)), LIMIT)

        async with asyncio.TaskGroup() as group:
            for _ in range(turns):
                group.create_task(one())


async def main(turns: int, sizes: list[int], together: int) -> None:
    for size in sizes:
        with (
            tempfile.TemporaryDirectory(prefix="raise-test-") as one,
            tempfile.TemporaryDirectory() as other,
            postgres_server(Path(one)) as database,
            redis_server(Path(other)) as redis,
        ):
            async with Server(Workspace()).running() as server:
                load = Load(server, database, redis, seed=1, size=size)
                before = os.getloadavg()[0]
                seconds = await load.measure(turns, together)
        figures = {
            "replicas": size,
            "turns": turns,
            "together": together,
            "turns_per_second": round(turns / seconds, 1),
            "cores": os.cpu_count(),
            "load": round(before, 1),
        }
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--sizes", default="1,2")
    parser.add_argument("--together", type=int, default=20)
    chosen = parser.parse_args()
    asyncio.run(main(chosen.turns, [int(size) for size in chosen.sizes.split(",")], chosen.together))
