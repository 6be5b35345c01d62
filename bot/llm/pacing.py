"""How many calls run at once: as many as asked for, fewer while a server says that it is too much.

Additive increase, multiplicative decrease (Chiu and Jain 1989), as TCP does: a 429 halves the number, each round of
calls that went well adds one. ``Retry-After`` holds every call back, not only the one that was refused.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

from bot.clock import Seconds
from bot.errors import BudgetExceeded, ProviderRateLimited, ProviderTimeout, ProviderUnavailable

T = TypeVar("T")
_LESS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Persistence:
    """How long a job that nobody waits for goes on trying: ``attempts`` of one call, between them ``first * 2**n`` up
    to ``longest`` seconds, or what the server asks for."""

    attempts: int = 8
    first: Seconds = 1.0
    longest: Seconds = 60.0


PERSISTENT: Final = Persistence()


class Pace:
    """At most ``most`` calls at once, in the order they came. For one event loop."""

    def __init__(
        self,
        most: int,
        persistence: Persistence = PERSISTENT,
        *,
        sleep: Callable[[Seconds], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], Seconds] | None = None,
    ) -> None:
        """``sleep`` and ``now`` (the event loop's time) are parameters for tests. Raises ValueError below one call."""
        if most < 1:
            raise ValueError(f"expected at least one call at once, got {most}")
        self.most, self.allowed, self.running, self.slowed = most, float(most), 0, 0
        self._persistence, self._sleep = persistence, sleep
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._held_until = 0.0
        self._slowed_at = float("-inf")

    async def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do ``work`` when there is a place, again while the server asks to wait or does not answer. Raises what it
        raised last when patience ends, and at once what waiting does not mend.

        BudgetExceeded is raised only by a call that is alone: beside others it may fit once they are counted."""
        attempt = 0
        while True:
            attempt += 1
            last = attempt >= self._persistence.attempts
            async with self._place():
                began = self._now()
                try:
                    result = await work()
                except ProviderRateLimited as refusal:
                    if last:
                        raise
                    wait = self._wait(attempt) if refusal.retry_after is None else refusal.retry_after
                    self._slow_down(began, wait)
                except (ProviderTimeout, ProviderUnavailable):
                    if last:
                        raise
                    wait = self._wait(attempt)
                except BudgetExceeded:
                    if self.running == 1:
                        raise
                    # What others hold back may be more than they will cost: fewer at once, and this one again.
                    self.allowed, attempt, wait = float(max(1, self.running - 1)), attempt - 1, 0.0
                else:
                    self.allowed = min(float(self.most), self.allowed + 1.0 / self.allowed)
                    return result
            await self._sleep(wait)

    def _wait(self, attempt: int) -> Seconds:
        return min(self._persistence.longest, self._persistence.first * 2.0 ** (attempt - 1))

    def _slow_down(self, began: Seconds, wait: Seconds) -> None:
        now = self._now()
        self._held_until = max(self._held_until, now + wait)
        # Calls that were under way before the last step down say nothing about what came after it.
        if began > self._slowed_at:
            self.allowed, self._slowed_at = max(1.0, self.allowed * _LESS), now
            self.slowed += 1

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._waiting or self.running >= int(self.allowed):
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._leave()
                else:
                    self._waiting.remove(turn)
                raise
        else:
            self.running += 1
        try:
            while (wait := self._held_until - self._now()) > 0:
                await self._sleep(wait)
            yield
        finally:
            self._leave()

    def _leave(self) -> None:
        self.running -= 1
        while self._waiting and self.running < int(self.allowed):
            turn = self._waiting.popleft()
            if not turn.done():
                self.running += 1
                turn.set_result(None)
