"""What goes wrong, and when: by seed, until all of it ends."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final

from tests.support.simulation.model import Mood
from tests.support.simulation.people import PEOPLE
from tests.support.simulation.ways import State, Way

if TYPE_CHECKING:
    from tests.support.simulation.world import World

HOUR: Final = 3600.0
JUMPS: Final = (-HOUR, -30.0, 60.0, 3 * HOUR, 25 * HOUR, *3 * (8 * 24 * HOUR,))
"""Seconds by which a clock may be set: across the ends of conversations, and of most that is kept."""
FARTHEST: Final = 28 * 24 * HOUR
"""Seconds: after 30 days the id of an event is forgotten, and no platform sends one again that late."""
OUTAGES: Final = (0.3, 2.0, 6.0, 14.0)
"""Seconds that a store is away: shorter and longer than what waits for it."""
_STRIKES: Final = 60
"""Trips among which a crash chooses the last one."""


class Troubles:
    """Each kind of trouble happens in about two worlds of three."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self._world = world
        self._chance = chance
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        for every, trouble in (
            (4.0, self._crash),
            (6.0, self._database_fails),
            (6.0, self._redis_fails),
            (3.0, self._model_changes),
            (4.0, self._platform_fails),
            (4.0, self._clock_jumps),
        ):
            if self._chance.random() < 0.65:
                self._tasks.append(asyncio.create_task(self._now_and_then(every, trouble)))

    async def end(self) -> None:
        """From here on nothing goes wrong any more."""
        world = self._world
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        world.database.set(State.WELL)
        world.redis.set(State.WELL)
        world.model.mood = Mood.WELL
        for platform in world.platforms:
            platform.trouble = 0.0
        world.note("nothing goes wrong from here on")

    async def _now_and_then(self, every: float, trouble: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            await asyncio.sleep(self._chance.expovariate(1 / every))
            await trouble()

    async def _crash(self) -> None:
        life = self._world.life
        if life is None or not life.alive:
            return
        if self._chance.random() < 0.2:
            self._world.note(f"life {life.number} is told to stop")
            life.stop()
        else:
            life.dies_at = life.trips + self._chance.randint(1, _STRIKES)

    async def _database_fails(self) -> None:
        await self._fails(self._world.database)

    async def _redis_fails(self) -> None:
        world = self._world
        if self._chance.random() < 0.2:
            world.note("Redis begins anew, empty")
            for person in PEOPLE:
                await world.profiles.erase(person)
        else:
            await self._fails(world.redis)

    async def _fails(self, way: Way) -> None:
        way.set(self._chance.choice((State.REFUSES, State.HANGS, State.SLOW)))
        self._world.note(f"{way.name}: {way.state}")
        await asyncio.sleep(self._chance.choice(OUTAGES))
        way.set(State.WELL)
        self._world.note(f"{way.name}: {way.state}")

    async def _model_changes(self) -> None:
        self._world.model.mood = self._chance.choice(tuple(Mood))
        self._world.note(f"the model: {self._world.model.mood}")

    async def _platform_fails(self) -> None:
        platform = self._chance.choice(self._world.platforms)
        platform.trouble = self._chance.choice((0.0, 0.2, 0.6))
        self._world.note(f"{platform.name}: {platform.trouble:.0%} of the deliveries go wrong")

    async def _clock_jumps(self) -> None:
        by = self._chance.choice(JUMPS)
        if self._world.jumped + by < FARTHEST:
            self._world.jumped += by
            self._world.note(f"the clock jumps by {by:+g} s")
