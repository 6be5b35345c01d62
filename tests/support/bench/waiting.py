"""Ten thousand conversations that wait on a model of two seconds, in one process."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from adapters.engine.inline import InlineEngine
from bot.assembly.stores import in_memory
from bot.clock import SystemClock
from bot.settings import Settings
from tests.support.bench.figures import Figure, Found, Scale, waits
from tests.support.bench.inside import ERRAND, Town, serving
from tests.support.bench.lag import Lag
from tests.support.bench.model import Held
from tests.support.processes import resident

MEGABYTES, LATE_MS, SECONDS = 600.0, 50.0, 2.0
TOGETHER = 16
"""Events that faces hand over at the same time."""


async def measure(scale: Scale) -> Found:
    """All of them are with the model at the same time before it answers the first, each 1 to 3 s later."""
    people, town = scale.of(10_000, 200), Town()
    model, clock, most = Held(0.2 if scale.quick else SECONDS), SystemClock(), 0.0
    async with in_memory(clock) as kept:
        wide = replace(kept, engine=InlineEngine(concurrency=people))
        async with serving(Settings(), town, kept=wide, provider=model) as app:
            model.people, before, left = people, resident(), iter(range(people))
            turns: list[str] = []

            async def face() -> None:
                for number in left:
                    turns.append(await town.write(app, f"p{number}", ERRAND))
                    await asyncio.sleep(0)

            async with Lag() as lag, asyncio.TaskGroup() as group:
                began = time.perf_counter()
                for _ in range(TOGETHER):
                    group.create_task(face())
                while len(turns) < people or not app.quiet():
                    await asyncio.sleep(0.05)
                    most = max(most, resident())
                seconds = time.perf_counter() - began
    answered = sum(turn in town.first for turn in turns)
    return Found(
        (
            Figure("with the model at the same time", model.peak, "conversations", least=people),
            Figure("answered", answered, "conversations", least=people),
            Figure("memory at most", most, "MB", most=MEGABYTES, note=f"{before:.0f} MB before they came"),
            Figure("memory for each that waits", 1024 * (most - before) / people, "KB"),
            *waits("event loop late", lag.samples, {"p99": LATE_MS}),
            Figure("until all were answered", seconds, "s"),
        )
    )
