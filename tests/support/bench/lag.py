"""How late the event loop is."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Final, Self

TICK: Final = 0.005


class Lag:
    """Watches the loop inside ``async with``. ``samples`` in seconds: how late somebody who came at any moment would
    have been served. A stall of a second counts as the two hundred ticks that it swallowed, not as one late tick."""

    def __init__(self) -> None:
        self.samples: list[float] = []

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watching.cancel()
        await asyncio.wait({self._watching})

    def note(self, late: float) -> None:
        """The loop came ``late`` seconds too late to its tick, and to every tick within those."""
        self.samples.append(late)
        while (late := late - TICK) > TICK / 2:
            self.samples.append(late)

    async def _watch(self) -> None:
        while True:
            due = time.perf_counter() + TICK
            await asyncio.sleep(TICK)
            self.note(max(0.0, time.perf_counter() - due))
