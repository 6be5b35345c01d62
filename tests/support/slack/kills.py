"""Kills replicas at random points under load, many times, and says what came of it: ``make kills``.

``python -m tests.support.slack.kills [--kills 1000] [--seed 1] [--size 2]`` starts a PostgreSQL and a Redis of its own.
One line a round, in which people complain as soon as they have reason to, and one at the end; exit code 1 where
anybody had reason to. Each life is a fork of a process that has imported everything (``nursery``), and the next one
starts while the others serve.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.support.servers import postgres_server, redis_server
from tests.support.slack.model import Workspace
from tests.support.slack.nursery import Nursery
from tests.support.slack.process import BotProcess, Start
from tests.support.slack.replicas import TAKEOVER_SECONDS, Replicas
from tests.support.slack.server import Server

COLUMNS = (TextColumn("kills"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())


class Many(Replicas):
    """Replicas that are killed ``kills`` times, and say after each round how it goes."""

    def __init__(
        self, server: Server, urls: tuple[str, str], seed: int, size: int, start: Start, kills: int, bar: Progress
    ) -> None:
        super().__init__(server, *urls, seed, size, start)
        self._coming: asyncio.Task[BotProcess] | None = None
        self._planned = kills
        self._bar = bar
        self._task = bar.add_task("", total=kills)
        self._began = time.monotonic()
        self._complaints: set[str] = set()

    async def _lose_one(self, group: asyncio.TaskGroup) -> None:
        await super()._lose_one(group)
        self._bar.update(self._task, completed=self.kills)

    async def _next(self) -> BotProcess:
        came = await (self._coming or self.started())
        self._coming = asyncio.create_task(self.started()) if self.kills < self._planned else None
        return came

    async def _settle(self) -> None:
        await super()._settle()
        left = (time.monotonic() - self._began) / self.kills * (self._planned - self.kills) / 60
        self._say(f"{self.told()}; about {left:.0f} min left")
        for problem in sorted(set(self.problems()) - self._complaints):
            self._complaints.add(problem)
            self._say(f"  {problem}")

    def told(self) -> str:
        passed = (time.monotonic() - self._began) / 60
        return (
            f"{self.kills:,} of {self._planned:,} kills, {len(self.written):,} messages, {self.open:,} of them open at "
            f"one and answered within {self.slowest:.1f} s, {passed:.1f} min"
        )

    def _say(self, line: str) -> None:
        self._bar.console.print(line, markup=False, highlight=False, soft_wrap=True)


async def main(kills: int, seed: int, size: int) -> int:
    console = Console(stderr=True)
    with (
        tempfile.TemporaryDirectory(prefix="raise-test-") as one,
        tempfile.TemporaryDirectory(prefix="raise-test-") as other,
        postgres_server(Path(one)) as database,
        redis_server(Path(other)) as redis,
        Progress(*COLUMNS, console=console, transient=True, disable=not console.is_terminal) as bar,
    ):
        async with Nursery() as nursery, Server(Workspace()).running() as server:
            many = Many(server, (database, redis), seed, size, nursery.start, kills, bar)
            code = await many.run(kills)
    problems = many.problems()
    met = not problems and code == 0 and many.slowest < TAKEOVER_SECONDS
    print(f"{many.told()}; {len(problems)} lost, doubled or unfinished, exit code {code}: {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make kills", description="Kill replicas at random under load.")
    parser.add_argument("--kills", type=int, default=1000, help="how many (1000)")
    parser.add_argument("--seed", type=int, default=1, help="at which points (1)")
    parser.add_argument("--size", type=int, default=2, help="replicas at any time (2)")
    chosen = parser.parse_args()
    sys.exit(asyncio.run(main(chosen.kills, chosen.seed, chosen.size)))
