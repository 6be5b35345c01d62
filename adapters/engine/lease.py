"""This process's sign of life, and how long the others believe it.

What a turn does outwards is done only while they do: a process that was paused, or cut off from the database, for so
long that its turns may be somebody else's by now, waits before its next step instead of doing it a second time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from bot.clock import Seconds
from bot.errors import StoreError

log: Final = logging.getLogger("raise_bot.engine")


@dataclass(frozen=True, slots=True)
class Terms:
    """``every``: how often a process says that it is alive. ``lasts``: after how long a silent one counts as dead.
    ``margin``: how much sooner it stops by itself."""

    every: Seconds = 2.0
    lasts: Seconds = 12.0
    margin: Seconds = 2.0


TERMS: Final = Terms()
"""A dead process's turns run again 12 to 17 s after its last sign of life (the promise is 30 s)."""


class Lease:
    """``renew`` says that this process is alive (False: too late) and ``rescue`` takes over from the dead; both raise
    StoreError. ``lost`` is called once, when it was too late."""

    def __init__(
        self,
        terms: Terms,
        renew: Callable[[], Awaitable[bool]],
        rescue: Callable[[], Awaitable[None]],
        lost: Callable[[], None],
    ) -> None:
        self._terms, self._renew, self._rescue, self._lost = terms, renew, rescue, lost
        self._now = asyncio.get_running_loop().time
        self._until = self._now() + terms.lasts - terms.margin
        self._renewed = asyncio.Event()
        self._patient_until = 0.0

    async def held(self) -> None:
        """Return while the others know that this process is alive; else wait until they do again."""
        while self._now() >= self._until:
            self._renewed.clear()
            await self._renewed.wait()

    async def keep(self) -> None:
        """Renew it until cancelled, or lost."""
        terms, last = self._terms, self._now()
        while True:
            began = self._now()
            try:
                if not await self._renew():
                    self._lost()
                    return
                if began - last > terms.lasts / 2:
                    # Unheard for long, as the others may have been for the same reason: they get time to speak up.
                    self._patient_until = began + terms.lasts
                last, self._until = began, began + terms.lasts - terms.margin
                self._renewed.set()
                if began >= self._patient_until:
                    await self._rescue()
            except StoreError as problem:
                log.warning("this process cannot say that it is alive: %s", problem)
            await asyncio.sleep(terms.every)
