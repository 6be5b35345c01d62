"""One life of the bot's process, which may end at any trip it makes, without a last word."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from bot.assembly.application import Application, application
from bot.settings import Settings
from bot.telemetry.events import DETAILS, Plain, Telemetry

if TYPE_CHECKING:
    from tests.support.simulation.world import World

ALIVE: Final[ContextVar[Life | None]] = ContextVar("alive", default=None)
"""The life that a task belongs to; None for the world's own."""
_SETTINGS: Final = Settings()


def owned(task: asyncio.Task[Any]) -> None:
    """Remember a new task with the life that made it, so that it ends with it."""
    life = ALIVE.get()
    if life is not None:
        life.tasks.append(task)


class Clock:
    """The clock of one process: the world's, but it never goes backwards (as SystemClock)."""

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._last = 0.0

    def now(self) -> float:
        self._last = max(self._last, self._wall())
        return self._last


class Life:
    """``up`` is set once the application serves. Killed, nothing that its tasks still do has any effect: every trip
    they try to make ends them."""

    def __init__(self, world: World, number: int, dies_at: int | None = None) -> None:
        """``dies_at``: the trip, counted from its start, at which it dies by itself."""
        self.number = number
        self.alive = True
        self.stopping = False
        self.up = asyncio.Event()
        self.tasks: list[asyncio.Task[Any]] = []
        self.app: Application | None = None
        self.clock = Clock(world.wall)
        self.problem: BaseException | None = None
        self.trips = 0
        self.dies_at = dies_at
        self._world = world
        self._leave = asyncio.Event()
        self.main = self.spawn(self._live())

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """A task of this life."""
        token = ALIVE.set(self)
        try:
            return asyncio.get_running_loop().create_task(work)
        finally:
            ALIVE.reset(token)

    @property
    def serves(self) -> bool:
        """Whether it takes events."""
        return self.alive and self.up.is_set() and not self.stopping

    async def _live(self) -> None:
        world = self._world
        stores = world.open_stores(self)
        telemetry = Telemetry(self._told)
        try:
            async with application(
                _SETTINGS,
                world.ways_to_people(),
                clock=self.clock,
                telemetry=telemetry,
                provider=world.provider(self),
                rulebook=world.rulebook,
                kept=stores,
            ) as app:
                self.app = app
                self.up.set()
                await self._leave.wait()
                self.stopping = True
                await app.end_turns()
        except Exception as problem:  # noqa: BLE001 - kept for the witness: a start may fail while a store is down
            self.problem = problem
        finally:
            if self.alive:
                self.alive = False
                self._world.ended(self)

    def _told(self, event: str, fields: dict[str, Plain]) -> None:
        if self.alive:
            if event not in DETAILS:
                self._world.note(f"    told: {event} {fields}")
            self._world.witness.told(event, fields)

    def stop(self) -> None:
        """SIGTERM."""
        self.stopping = True
        self._leave.set()

    def kill(self) -> None:
        """``kill -9``."""
        if not self.alive:
            return
        self.alive = False
        self._world.note(f"life {self.number} is killed at trip {self.trips}")
        for task in self.tasks:
            task.cancel()
        self._world.ended(self)

    def step(self) -> None:
        """On every trip: what is dead makes none, and this one may be the last."""
        if not self.alive:
            raise asyncio.CancelledError
        self.trips += 1
        if self.dies_at is not None and self.trips >= self.dies_at:
            self.kill()
            raise asyncio.CancelledError


def step() -> None:
    """Called on every trip out of the process, and again on the way back."""
    life = ALIVE.get()
    if life is not None:
        life.step()


async def buried(life: Life) -> None:
    """Wait until nothing of a dead life runs any more."""
    for _ in range(200):
        running = [task for task in life.tasks if not task.done()]
        if not running:
            return
        for task in running:
            task.cancel()
        await asyncio.sleep(0)
    left = [task.get_coro() for task in life.tasks if not task.done()]
    raise AssertionError(f"tasks of a dead process go on: {left}")
