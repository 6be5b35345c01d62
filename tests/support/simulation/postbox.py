"""How what people do reaches the bot: late, twice, in another order, again and again until it is acknowledged."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from bot.errors import StoreError
from tests.support.simulation.happened import Happened
from tests.support.simulation.life import Life

if TYPE_CHECKING:
    from tests.support.simulation.world import World

ACKNOWLEDGED_WITHIN: Final = 3.0
"""Seconds after which a platform takes an event for not received, and sends it again."""
HELP_WITHIN: Final = 2.5
"""Seconds within which help must be on its way to somebody in danger, whatever is down. Where another process may have
shown it already, the door waits for up to 1.5 of them."""
_LONGEST: Final = 8.0
_LOST: Final = 0.08
_TWICE: Final = 0.15


class Postbox:
    """The platforms' way to the bot."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self._world = world
        self._chance = chance
        self._sending: list[asyncio.Task[None]] = []
        self.reliable = False

    def send(self, happened: Happened) -> None:
        self._start(self._delivered(happened))
        if self._chance.random() < _TWICE:
            self._start(self._again(happened))

    async def end(self) -> None:
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._sending.append(asyncio.create_task(work))

    async def _again(self, happened: Happened) -> None:
        await asyncio.sleep(self._chance.expovariate(0.5))
        await self._delivered(happened)

    async def _delivered(self, happened: Happened) -> None:
        pause = 1.0
        await asyncio.sleep(self._chance.expovariate(4.0))
        while not await self._tried(happened):
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST)

    async def _tried(self, happened: Happened) -> bool:
        """Whether the bot acknowledged it this time."""
        life, lost = self._world.life, self._chance.random() < _LOST and not self.reliable
        if lost or life is None or not life.serves:
            return False
        if happened.began is None:
            happened.began = self._world.loop.time()
        if happened.crisis:
            self._world.loop.call_later(HELP_WITHIN, partial(self._helped, life, happened))
        accepting = life.spawn(self._accept(life, happened))
        await asyncio.wait({accepting}, timeout=ACKNOWLEDGED_WITHIN)
        return accepting.done() and not accepting.cancelled() and accepting.result()

    async def _accept(self, life: Life, happened: Happened) -> bool:
        world = self._world
        assert life.app is not None
        try:
            receipt = await life.app.intake.accept(happened.inbound)
        except StoreError as problem:
            world.note(f"e{happened.number} is not taken: {type(problem).__name__}")
            return False
        except Exception as problem:  # noqa: BLE001 - the witness tells of it
            world.witness.complain(f"{happened.turn} could not be taken: {problem!r}")
            return False
        if not life.alive:
            return False
        world.note(f"e{happened.number} is taken{' again' if receipt.duplicate else ''}")
        happened.claims += not receipt.duplicate
        happened.between = happened.between or world.being_forgotten(happened.inbound.person)
        if happened.accepted is None:
            happened.accepted = world.loop.time()
        return True

    def _helped(self, life: Life, happened: Happened) -> None:
        witness = self._world.witness
        if life.alive and happened.turn not in witness.offered_crisis:
            witness.complain(f"the crisis {happened.turn} waits for longer than {HELP_WITHIN:g} s")
