"""Memory after a while of load: a bot of its own on SQLite, people come by chance at about half of what it can.

Compared with minute ten where the load lasts longer than that, else with a sixth of it.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.support.bench.figures import Curve, Figure, Found, Scale
from tests.support.bench.outside import street
from tests.support.processes import resident

GROWTH = 5.0
"""Percent."""
SAMPLES = 240
SETTLED = 8
"""Samples whose median stands for a moment."""


async def measure(scale: Scale) -> Found:
    seconds = 3.0 if scale.quick else 60 * scale.minutes
    with tempfile.TemporaryDirectory(prefix="raise-bench-") as folder:
        async with street(Path(folder) / "state", {}) as here:
            people = scale.of(150, 10)
            took, _ = await here.together(people, 40)
            rate = people / took / 2
            coming, began, points = asyncio.create_task(here.come(rate, seconds)), time.monotonic(), []
            while not coming.done():
                points.append(((time.monotonic() - began) / 60, sum(resident(bot.pid) for bot in here.bots)))
                await asyncio.sleep(seconds / SAMPLES)
            turns = len(await coming)
    memory = [megabytes for _, megabytes in points]
    minute = min(10.0, seconds / 60 / 6)
    early = [megabytes for at, megabytes in points if at >= minute][:SETTLED]
    late = memory[-SETTLED:]
    grown = 100 * (median(late) / median(early) - 1)
    return Found(
        (
            Figure("turns", turns, "turns", note=f"{rate:.1f} a second for {seconds / 60:.1f} min, no model"),
            Figure(f"memory after {minute:.1f} min", median(early), "MB"),
            Figure("memory at the end", median(late), "MB"),
            Figure("grown", grown, "%", most=GROWTH if scale.minutes >= 60 else None, note="promised for an hour"),
        ),
        (Curve("soak", "Memory under load", "minutes", "MB", {"the bot": points}),),
    )
