"""Work with a deadline, whose alarm is set only where there is something to wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

from bot.clock import Seconds

T = TypeVar("T")


class within(Generic[T]):  # noqa: N801 - reads as asyncio.timeout does
    """``await within(deadline, work())``: what the work returns; TimeoutError where it is not done by ``deadline``
    (loop time). As inside ``async with asyncio.timeout_at(deadline)``, but no alarm is set for work that never waits:
    setting one and taking it back takes longer than most such work."""

    __slots__ = ("_deadline", "_work")

    def __init__(self, deadline: Seconds, work: Coroutine[Any, Any, T]) -> None:
        self._deadline, self._work = deadline, work

    def __await__(self) -> Generator[Any, Any, T]:
        try:
            waited_for = self._work.send(None)
        except StopIteration as done:
            result: T = done.value
            return result
        return (yield from self._waiting(waited_for).__await__())

    async def _waiting(self, waited_for: object) -> T:
        async with asyncio.timeout_at(self._deadline):
            return await _GoneOn(self._work, waited_for)


class _GoneOn(Generic[T]):
    """Work that was begun, and waits."""

    __slots__ = ("_waited_for", "_work")

    def __init__(self, work: Coroutine[Any, Any, T], waited_for: object) -> None:
        self._work, self._waited_for = work, waited_for

    def __await__(self) -> Generator[object, None, T]:
        while True:
            try:
                yield self._waited_for
            except BaseException as thrown:  # noqa: BLE001 - whatever it is, a cancellation too, it is the work's to take
                thrown_in: BaseException | None = thrown
            else:
                thrown_in = None
            try:
                self._waited_for = self._work.send(None) if thrown_in is None else self._work.throw(thrown_in)
            except StopIteration as done:
                result: T = done.value
                return result
