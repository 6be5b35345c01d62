"""One of several processes with a durable engine on one database: ``python -m tests.support.engine_replica URL DIARY``.

It takes turns until it is ended from outside: those it finds in the queue, and those whose names it reads from standard
input, one a line (``LANE-NUMBER``; the lane is the conversation). Each turn writes into the diary what it does, a line
at a time, with the process that did it: ``did PID STEP`` inside a step, ``kept PID STEP`` once it is recorded, ``ended
PID TURN``.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from adapters.engine.dbos import DbosEngine
from adapters.engine.lease import Terms
from bot.clock import SystemClock
from bot.conversation.engine import Steps, TurnWork
from bot.errors import StoreUnavailable

STEPS = ("think", "say", "note")
TERMS = Terms(every=0.2, lasts=2.0, margin=0.5)
PAUSE = 0.02


def writer(diary: Path) -> Callable[[str], None]:
    lines = os.open(diary, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    return lambda line: os.write(lines, f"{line}\n".encode()) and None


def working(write: Callable[[str], None], pause: float = PAUSE) -> TurnWork:
    me = os.getpid()

    async def work(turn_id: str, steps: Steps) -> None:
        for name in STEPS:

            async def step(name: str = name) -> str:
                write(f"did {me} {turn_id}.{name}")
                await asyncio.sleep(pause)
                return name

            assert await steps.run(name, step) == name
            write(f"kept {me} {turn_id}.{name}")
        write(f"ended {me} {turn_id}")

    return work


async def submitted(engine: DbosEngine, name: str) -> None:
    """Once the engine takes it: as a platform sends an event again that was not acknowledged."""
    while True:
        try:
            await engine.submit(name, name.partition("-")[0])
        except StoreUnavailable:
            await asyncio.sleep(PAUSE)
        else:
            return


async def main(url: str, diary: str) -> None:
    write = writer(Path(diary))
    engine = DbosEngine(url, SystemClock(), terms=TERMS)
    engine.introduce("1.0", "policy")
    await engine.start(working(write))
    write(f"serving {os.getpid()}")
    names = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(names), sys.stdin)
    while line := await names.readline():
        await submitted(engine, line.decode().strip())
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
