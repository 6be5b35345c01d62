"""Conversations that wait on a model of two seconds, all at the same time, in one process.

The people who write and the model that keeps them waiting are in the same event loop: what they cost makes it later. No
network is between, so what an SDK holds and does for ten thousand connections is not in these figures. How much of the
lateness is this process's own work, and how much others took of the cores, is told apart.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from adapters.engine.dbos import CONCURRENCY
from adapters.engine.inline import InlineEngine
from bot.assembly.stores import Stores, in_memory, opened
from bot.clock import SystemClock
from tests.support.bench.figures import Figure, Found, Scale, waits
from tests.support.bench.inside import ERRAND, Deployment, Town, deployed, serving
from tests.support.bench.lag import Lag
from tests.support.bench.model import Held
from tests.support.processes import resident

MEGABYTES, LATE_MS, SECONDS = 600.0, 50.0, 2.0
TOGETHER = 16
"""Events that faces hand over at the same time."""


async def measure(kind: str, scale: Scale) -> Found:
    """The model answers nobody before all of them ask it, and then each 1 to 3 s later. In memory ten thousand; with
    DBOS as many as a process works on at once."""
    people = scale.of(10_000 if kind == "memory" else CONCURRENCY, 200 if kind == "memory" else 10)
    town, model, most = Town(), Held(0.2 if scale.quick else SECONDS), 0.0
    with deployed(kind) as place:
        async with _kept(place, people) as kept, serving(place.settings, town, kept=kept, provider=model) as app:
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
                while len(turns) < people or not all(turn in town.first for turn in turns):
                    await asyncio.sleep(0.05)
                    most = max(most, resident())
                seconds = time.perf_counter() - began
    return Found(
        (
            Figure("with the model at the same time", model.peak, "conversations", least=people),
            Figure("memory at most", most, "MB", most=MEGABYTES, note=f"{before:.0f} MB before they came"),
            Figure("memory for each that waits", 1024 * (most - before) / people, "KB"),
            *waits("event loop late", lag.samples, {"p99": LATE_MS}, note="by the clock, people and model in it"),
            *waits("event loop late by its own work", lag.own),
            *waits("event loop late by other processes", lag.others, note="they had the cores"),
            Figure("until all were answered", seconds, "s"),
        )
    )


@asynccontextmanager
async def _kept(place: Deployment, people: int) -> AsyncIterator[Stores]:
    """In memory, with an engine that works on so many turns at once; else as deployed."""
    clock = SystemClock()
    if place.settings.state is None:
        async with in_memory(clock) as kept:
            yield replace(kept, engine=InlineEngine(concurrency=people))
    else:
        async with opened(place.settings, clock) as kept:
            yield kept
