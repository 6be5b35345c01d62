"""A process with a durable engine, to be killed: ``python -m tests.support.engine_process URL DIARY TURNS LANES``.

Submits TURNS turns over LANES conversations (those submitted before are recognised) and ends when all have ended. Each
turn writes down what it does, one line at a time: ``did STEP`` inside a step, ``kept STEP`` once it is recorded.
"""

from __future__ import annotations

import asyncio
import os
import sys

from adapters.engine.dbos import DbosEngine
from bot.clock import SystemClock
from bot.conversation.engine import Steps

STEPS = ("think", "say", "note")


async def main(url: str, diary: str, turns: int, lanes: int) -> None:
    lines = os.open(diary, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(line: str) -> None:
        os.write(lines, f"{line}\n".encode())

    async def work(turn_id: str, steps: Steps) -> None:
        write(f"began {turn_id}")
        for name in STEPS:

            async def step(name: str = name) -> str:
                write(f"did {turn_id}.{name}")
                await asyncio.sleep(0.001)
                return name

            assert await steps.run(name, step) == name
            write(f"kept {turn_id}.{name}")
        write(f"ended {turn_id}")

    engine = DbosEngine(url, SystemClock())
    await engine.start(work)
    for number in range(turns):
        await engine.submit(f"lane{number % lanes}-{number:04d}", f"lane{number % lanes}")
    for number in range(turns):
        await engine.finished(f"lane{number % lanes}-{number:04d}")
    await engine.stop(10)
    write("complete")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
