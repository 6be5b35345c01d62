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
from pathlib import Path

import pytest

from adapters.engine.dbos import DbosEngine
from bot.clock import SystemClock
from tests.support.engine_replica import STEPS, TERMS, working, writer
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


@asynccontextmanager
async def replica(url: str, diary: Diary) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another one, serving; killed in the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.engine_replica", url, str(diary.file), cwd=ROOT
    )
    try:
        await diary.until("serving", process.pid)
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def submitted(engine: DbosEngine, count: int, start: int = 0) -> list[str]:
    names = [f"lane{number % LANES}-{number:05d}" for number in range(start, start + count)]
    for name in names:
        await engine.submit(name, name.partition("-")[0])
    return names


async def all_end(engine: DbosEngine, names: list[str]) -> None:
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for name in names:
            group.create_task(engine.finished(name))


async def worked_by(other: int, engine: DbosEngine, diary: Diary, names: list[str]) -> None:
    """Submit turns until the other process has done one more: the one here may be faster with all of them."""
    done = sum(pid == other for pid, _ in diary.lines("did"))
    for _ in range(20):
        names += await submitted(engine, 72, len(names))
        with suppress(TimeoutError):
            async with asyncio.timeout(3):
                await diary.until("did", other, done + 1)
                return
    raise AssertionError("the other process took no turn of many")


async def test_turns_of_killed_processes_end_elsewhere_and_once(
    postgres_database: str, here: DbosEngine, diary: Diary
) -> None:
    rng, names = random.Random(SEED), list[str]()
    for _ in range(KILLS):
        async with replica(postgres_database, diary) as other:
            names += await submitted(here, 72, len(names))
            with suppress(TimeoutError):  # the one in this process may have been faster with all of them
                async with asyncio.timeout(5):
                    await diary.until("did", other.pid, rng.randint(1, 8))
        async with asyncio.timeout(30):
            await all_end(here, names)
    diary.check(names)


async def test_a_paused_process_that_wakes_up_does_nothing_twice_and_serves_again(
    postgres_database: str, here: DbosEngine, diary: Diary
) -> None:
    async with replica(postgres_database, diary) as other:
        names = list[str]()
        await worked_by(other.pid, here, diary, names)
        other.send_signal(signal.SIGSTOP)
        await all_end(here, names)
        before = len(diary.lines("did"))
        other.send_signal(signal.SIGCONT)
        async with asyncio.timeout(30):
            while not [each for each in await here.others() if each.name.endswith("-2")]:  # noqa: ASYNC110 - elsewhere
                await asyncio.sleep(0.05)
        assert len(diary.lines("did")) == before
        await worked_by(other.pid, here, diary, names)
        await all_end(here, names)
    diary.check(names)


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
