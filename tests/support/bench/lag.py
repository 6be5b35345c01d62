"""How late the event loop is."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Final, Self

from tests.support.processes import kept_waiting

TICK: Final = 0.005


class Lag:
    """Watches the loop inside ``async with``. ``samples`` in seconds: how late somebody who came at any moment would
    have been served. A stall of a second counts as the two hundred ticks that it swallowed, not as one late tick.
    ``own``: the part of it in which this process itself was at work; ``others``: the part in which the loop could have
    gone on and other processes had the cores, as the kernel counts it."""

    def __init__(self) -> None:
        self.samples: list[float] = []
        self.own: list[float] = []
        self.others: list[float] = []

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watching.cancel()
        await asyncio.wait({self._watching})

    def note(self, late: float, worked: float, kept: float) -> None:
        """The loop came ``late`` seconds too late to its tick, and to every tick within those; ``worked``: seconds of
        CPU that the process used since the tick before; ``kept``: seconds that others kept the loop from a core."""
        for samples, left in ((self.samples, late), (self.own, min(late, worked)), (self.others, min(late, kept))):
            missed = int(left / TICK + 0.5)
            samples += [left - tick * TICK for tick in range(max(1, missed))]

    async def _watch(self) -> None:
        while True:
            due, spent, kept = time.perf_counter() + TICK, time.process_time(), kept_waiting()
            await asyncio.sleep(TICK)
            late = max(0.0, time.perf_counter() - due)
            self.note(late, time.process_time() - spent, kept_waiting() - kept)
