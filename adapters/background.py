"""Work beside the main flow of a platform: started here, ended with it, never a reason for others to fail."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from types import TracebackType

from bot.clock import Seconds

_LOG = logging.getLogger(__name__)


class Background:
    """An async context manager; on leaving, what still runs is cancelled (call ``settle`` first to let it end)."""

    def __init__(self) -> None:
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Background:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await self._group.__aexit__(kind, error, trace)

    def start(self, work: Coroutine[None, None, object], what: str) -> asyncio.Task[None]:
        """``what`` names the work in the log, without anything of a person."""
        task = self._group.create_task(_guarded(work, what))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A task that is cancelled before its first step never enters the work, which must be closed all the same.
        task.add_done_callback(lambda _: work.close())
        return task

    async def settle(self, deadline: Seconds) -> None:
        """Wait up to ``deadline`` seconds for what runs now."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=deadline)


def innermost(error: BaseException) -> str:
    """The name of what went wrong, within however many task groups."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return type(error).__name__


async def _guarded(work: Coroutine[None, None, object], what: str) -> None:
    try:
        await work
    except Exception as error:  # noqa: BLE001 - a side task must not take the connection down with it
        _LOG.warning("%s failed: %s", what, innermost(error))
