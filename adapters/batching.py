"""Many small jobs, one trip: what comes in while a batch is under way goes with the next one.

A database commit costs the same for one row as for fifty, and so does the way to a thread and back. Used by the SQL
stores and by the durable engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Final, Generic, TypeVar

from bot.errors import StoreUnavailable

Job = TypeVar("Job")
Result = TypeVar("Result")
LARGEST: Final = 256


class Batcher(Generic[Job, Result]):
    """Runs ``work`` in one thread of its own, a list of jobs at a time, and hands each caller its result.

    ``work`` returns one result per job, in order; a result that is an exception is raised to its caller, and when
    ``work`` itself raises, every caller of the batch gets that. Used from one event loop.
    """

    def __init__(self, name: str, work: Callable[[Sequence[Job]], Sequence[Result | Exception]]) -> None:
        self._work = work
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._waiting: list[tuple[Job, asyncio.Future[Result]]] = []
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    async def do(self, job: Job) -> Result:
        """The result of one job. Raises StoreUnavailable after :meth:`close`."""
        if self._closed:
            raise closed()
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((job, future))
        self._begin()
        return await future

    async def close(self) -> None:
        """Take nothing new, finish what was taken, end the thread."""
        self._closed = True
        await self._idle.wait()
        self._thread.shutdown(wait=True)

    def _begin(self) -> None:
        if not self._idle.is_set():
            return
        wanted = [(job, future) for job, future in self._waiting if not future.cancelled()]
        batch, self._waiting = wanted[:LARGEST], wanted[LARGEST:]
        if not batch:
            return
        self._idle.clear()
        loop = asyncio.get_running_loop()
        futures = [future for _, future in batch]

        def hand_back(done: Future[Sequence[Result | Exception]]) -> None:
            with suppress(RuntimeError):  # the loop was closed meanwhile: nobody is left to be told
                loop.call_soon_threadsafe(self._deal, futures, done)

        self._thread.submit(self._work, [job for job, _ in batch]).add_done_callback(hand_back)

    def _deal(self, futures: list[asyncio.Future[Result]], done: Future[Sequence[Result | Exception]]) -> None:
        """Give every caller of a batch its result, and begin the next batch."""
        self._idle.set()
        problem = done.exception()
        results = [problem] * len(futures) if problem is not None else done.result()
        for future, result in zip(futures, results, strict=True):
            if future.cancelled():
                continue
            if isinstance(result, BaseException):
                future.set_exception(result)
            else:
                future.set_result(result)
        self._begin()


def closed() -> StoreUnavailable:
    """Said to whoever asks after the end."""
    return StoreUnavailable("the store is closed: this process is stopping; try again with the next one")
