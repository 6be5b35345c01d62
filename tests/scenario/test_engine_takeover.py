"""Processes on one PostgreSQL: one is killed, or paused; the others end its turns, and no step is done twice.

``RAISE_ENGINE_KILLS=100`` kills more often, ``RAISE_SEED=7`` at other points.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import groupby
from pathlib import Path

import pytest

from adapters.engine.dbos import DbosEngine
from bot.clock import SystemClock
from tests.support.engine_replica import STEPS, TERMS, submitted, working, writer
from tests.support.servers import postgres_database, postgres_url

__all__ = ["postgres_database", "postgres_url"]
pytestmark = pytest.mark.postgres
ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("RAISE_ENGINE_KILLS", "2"))
SEED = int(os.environ.get("RAISE_SEED", "1"))
LANES = 12


class Diary:
    def __init__(self, file: Path) -> None:
        self.file = file

    def lines(self, verb: str) -> list[tuple[int, str]]:
        """Process and what it did."""
        found = (line.split() for line in self.file.read_text().splitlines() if line.startswith(f"{verb} "))
        return [(int(words[1]), words[-1]) for words in found]

    async def until(self, verb: str, process: int, count: int = 1) -> None:
        async with asyncio.timeout(60):
            while sum(each == process for each, _ in self.lines(verb)) < count:  # noqa: ASYNC110 - written elsewhere
                await asyncio.sleep(0.01)

    def check(self, turns: list[str]) -> None:
        """All ended, each step was recorded once and never done again after that, lanes kept their order."""
        kept: set[str] = set()
        for line in self.file.read_text().splitlines():
            verb, _, what = line.partition(" ")
            step = what.rpartition(" ")[2]
            if verb == "kept":
                kept.add(step)
            assert verb != "did" or step not in kept, f"{step} was done again after it had been recorded"
        assert kept == {f"{turn}.{step}" for turn in turns for step in STEPS}
        ended = list(dict.fromkeys(turn for _, turn in self.lines("ended")))
        assert sorted(ended) == sorted(turns)
        for lane in range(LANES):
            own = [turn for turn in ended if turn.startswith(f"lane{lane}-")]
            assert own == sorted(own)


@pytest.fixture
def diary(tmp_path: Path) -> Diary:
    (tmp_path / "diary").touch()
    return Diary(tmp_path / "diary")


@pytest.fixture
async def here(postgres_database: str, diary: Diary) -> AsyncIterator[DbosEngine]:
    """The replica in this process."""
    engine = DbosEngine(postgres_database, SystemClock(), terms=TERMS)
    engine.introduce("1.0", "policy")
    await engine.start(working(writer(diary.file)))
    yield engine
    await engine.stop(10)


class Other:
    """Another process, serving."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process, self.pid = process, process.pid

    def send(self, names: list[str]) -> None:
        """Turns that come to that process."""
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{name}\n" for name in names).encode())


@asynccontextmanager
async def replica(url: str, diary: Diary) -> AsyncIterator[Other]:
    """Another one, serving; killed in the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.engine_replica",
        url,
        str(diary.file),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
    )
    try:
        await diary.until("serving", process.pid)
        yield Other(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def named(count: int, start: int, lanes: range = range(LANES)) -> list[str]:
    return [f"lane{lanes[number % len(lanes)]}-{number:05d}" for number in range(start, start + count)]


async def come(engine: DbosEngine, names: list[str]) -> None:
    for name in names:
        await submitted(engine, name)


async def all_end(engine: DbosEngine, names: list[str]) -> None:
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for name in names:
            group.create_task(engine.finished(name))


async def test_turns_of_killed_processes_end_elsewhere_and_once(
    postgres_database: str, here: DbosEngine, diary: Diary
) -> None:
    rng, names = random.Random(SEED), list[str]()
    for _ in range(KILLS):
        async with replica(postgres_database, diary) as other:
            ours, theirs = named(36, len(names), range(6)), named(36, len(names) + 36, range(6, LANES))
            names += ours + theirs
            other.send(theirs)
            await come(here, ours)
            await diary.until("did", other.pid, rng.randint(1, 8))
        await come(here, theirs)  # what was not acknowledged is sent again
        async with asyncio.timeout(30):
            await all_end(here, names)
    diary.check(names)


async def test_a_paused_process_that_wakes_up_does_nothing_twice_and_serves_again(
    postgres_database: str, here: DbosEngine, diary: Diary
) -> None:
    async with replica(postgres_database, diary) as other:
        names = named(36, 0)
        other.send(names)
        await diary.until("did", other.pid)
        other.process.send_signal(signal.SIGSTOP)
        await come(here, names)
        await all_end(here, names)
        before = len(diary.lines("did"))
        other.process.send_signal(signal.SIGCONT)
        async with asyncio.timeout(30):
            while not [each for each in await here.others() if each.name.endswith("-2")]:  # noqa: ASYNC110 - elsewhere
                await asyncio.sleep(0.05)
        assert len(diary.lines("did")) == before
        more = named(36, len(names))
        other.send(more)
        await diary.until("did", other.pid, sum(pid == other.pid for pid, _ in diary.lines("did")) + 1)
        await come(here, more)
        await all_end(here, names + more)
    diary.check(names + more)


async def test_turns_of_one_conversation_that_come_to_two_processes_run_one_at_a_time(
    postgres_database: str, here: DbosEngine, diary: Diary
) -> None:
    lanes = range(3)
    async with replica(postgres_database, diary) as other:
        ours, theirs = named(30, 0, lanes), named(30, 30, lanes)
        other.send(theirs)
        await come(here, ours)
        await diary.until("ended", other.pid)
        await come(here, theirs)
        await all_end(here, ours + theirs)
    for lane in lanes:
        lines = [line.split()[-1] for line in diary.file.read_text().splitlines() if f" lane{lane}-" in line]
        turns = [line.partition(".")[0] for line in lines]
        assert len(turns) == 20 * (2 * len(STEPS) + 1)
        assert [turn for turn, _ in groupby(turns)] == list(dict.fromkeys(turns)), "two turns ran at the same time"


async def test_whoever_stops_gracefully_leaves_its_turns_at_once(postgres_database: str, diary: Diary) -> None:
    """A turn that is cut off at the deadline waits for nobody's death."""
    stuck = DbosEngine(postgres_database, SystemClock(), terms=TERMS)
    began = asyncio.Event()

    async def endless(turn_id: str, steps: object) -> None:
        began.set()
        await asyncio.Event().wait()

    await stuck.start(endless)
    await stuck.submit("lane0-00000", "lane0")
    await began.wait()
    await stuck.stop(0.01)
    engine = DbosEngine(postgres_database, SystemClock(), terms=TERMS)
    await engine.start(working(writer(diary.file)))
    assert await engine.others() == ()
    await all_end(engine, ["lane0-00000"])
    await engine.stop(10)
    diary.check(["lane0-00000"])
