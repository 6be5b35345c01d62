"""Frees what has expired, a slice at a time, for as long as the application runs.

Expired things are invisible already; this gives their memory and bytes back, within a minute, without ever holding up a
turn. A store that cannot be reached is left alone for a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from bot.clock import Clock, Seconds
from bot.errors import StoreError
from bot.frozen import dataclass

EVERY: Final[Seconds] = 5.0
SLICE: Final = 200
LONGEST: Final[Seconds] = 60.0
"""A failing store is tried again after EVERY, twice that, and so on up to this."""


class Purgeable(Protocol):
    async def purge(self, now: Seconds, limit: int) -> int:
        """Free at most ``limit`` expired items; returns how many. Raises StoreUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Swept:
    """A store to sweep, under the name that telemetry knows it by."""

    name: str
    store: Purgeable


Observe = Callable[[str, StoreError], None]
"""Told the name of a store that could not be swept, and why."""


async def sweep(stores: Sequence[Swept], clock: Clock, observe: Observe, every: Seconds = EVERY) -> None:
    """Sweep until cancelled: each store on its own, so that one that is down does not hold up the others."""
    async with asyncio.TaskGroup() as group:
        for store in stores:
            group.create_task(_keep_sweeping(store, clock, observe, every), name=f"sweep {store.name}")


async def _keep_sweeping(swept: Swept, clock: Clock, observe: Observe, every: Seconds) -> None:
    pause = every
    while True:
        await asyncio.sleep(pause)
        try:
            await empty(swept.store, clock)
        except StoreError as error:
            observe(swept.name, error)
            pause = max(every, min(2 * pause, LONGEST))
        else:
            pause = every


async def empty(store: Purgeable, clock: Clock) -> int:
    """Free everything expired now, letting others run between slices; returns how many items that were."""
    now, freed = clock.now(), 0
    while (count := await store.purge(now, SLICE)) > 0:
        freed += count
        await asyncio.sleep(0)
    return freed
