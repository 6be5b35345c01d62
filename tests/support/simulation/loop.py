"""An event loop whose time is simulated: it never waits, and runs the same way every time.

Libraries for this exist (``looptime``), but they keep real threads and sockets beside the simulated time; here there
must be none, so that a seed decides everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import Executor
from contextvars import Context
from itertools import count
from typing import Any, Final, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
RESOLUTION: Final = 1e-9


class StuckError(RuntimeError):
    """Every task waits for something that will never happen."""


class _Task(asyncio.Task[Any]):
    """A task that sets keep in the order of creation, not in that of memory addresses."""

    def __init__(self, number: int, coro: Generator[Any, None, Any] | Coroutine[Any, Any, Any], **options: Any) -> None:
        self._number = number
        super().__init__(coro, **options)

    def __hash__(self) -> int:
        return self._number

    def __eq__(self, other: object) -> bool:
        return self is other


class SimulatedLoop(asyncio.BaseEventLoop):
    """Time stands still while anything can run, then jumps to the next timer. ``on_task`` sees every new task."""

    def __init__(self, on_task: Callable[[asyncio.Task[Any]], None]) -> None:
        super().__init__()
        self._now = 0.0
        self._numbers = count()
        self._on_task = on_task
        self._clock_resolution = RESOLUTION
        self._selector = self
        self.set_task_factory(self._numbered)

    def time(self) -> float:
        return self._now

    def select(self, timeout: float | None) -> list[object]:
        """What the base class takes for waiting on sockets."""
        if timeout is None:
            raise StuckError("every task waits, and no timer is set")
        self._now += timeout
        return []

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """No threads: it is done at once."""
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - handed to whoever waits, as an executor does
            future.set_exception(error)
        return future

    def _process_events(self, event_list: list[object]) -> None:
        """There are no sockets."""

    def _write_to_self(self) -> None:
        """Nobody waits for sockets, so nobody has to be woken."""

    def _numbered(
        self, loop: asyncio.AbstractEventLoop, coro: Any, *, context: Context | None = None, **options: Any
    ) -> asyncio.Task[Any]:
        task = _Task(next(self._numbers), coro, loop=loop, context=context, **options)
        self._on_task(task)
        return task
