"""The ways between the process and what stands around it: how long a trip takes, and what may go wrong with it."""

from __future__ import annotations

import asyncio
import random
from enum import StrEnum
from typing import Final

from bot.errors import StoreUnavailable
from tests.support.simulation.life import step

GIVES_UP: Final = 10.0
"""Seconds after which a connection that hangs is given up, by tcp_user_timeout (``adapters/database.py``)."""


class State(StrEnum):
    """How a store is at the moment."""

    WELL = "well"
    SLOW = "slow"
    REFUSES = "refuses"
    HANGS = "hangs"


class Way:
    """The way to one store. ``there`` and ``back`` are the two halves of a trip; a process may die at either end of
    each."""

    def __init__(self, name: str, chance: random.Random) -> None:
        self.name = name
        self.state = State.WELL
        self.changed = asyncio.Event()
        self._chance = chance

    @classmethod
    def without_trouble(cls, name: str) -> Way:
        """Where only what stands at its end is looked at."""
        return cls(name, random.Random(0))

    def set(self, state: State) -> None:
        self.state = state
        self.changed.set()
        self.changed = asyncio.Event()

    async def there(self) -> None:
        """Raises StoreUnavailable where the store cannot be reached."""
        step()
        await asyncio.sleep(self._takes())
        waited = asyncio.get_running_loop().time()
        while self.state is State.HANGS:
            left = GIVES_UP - (asyncio.get_running_loop().time() - waited)
            try:
                await asyncio.wait_for(self.changed.wait(), left)
            except TimeoutError:
                raise StoreUnavailable(f"{self.name} does not answer in this simulation") from None
        if self.state is State.REFUSES:
            raise StoreUnavailable(f"{self.name} is down in this simulation")
        step()

    async def back(self) -> None:
        step()
        await asyncio.sleep(self._takes())
        if self.state is State.REFUSES:
            # It was done, and nobody hears of it.
            raise StoreUnavailable(f"{self.name} went down in this simulation")
        step()

    def _takes(self) -> float:
        if self.state is State.SLOW:
            return self._chance.expovariate(1.0)
        return 0.0 if self._chance.random() < 0.8 else self._chance.uniform(0.0, 0.02)

    def done_all_the_same(self) -> bool:
        """Whether a request whose sender is gone by now is carried out."""
        return self._chance.random() < 0.5
