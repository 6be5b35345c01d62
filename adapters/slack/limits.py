"""How fast we may speak: a lane per channel, so that one busy channel holds up nobody else.

Slack takes about one message a second in a channel, a few more in a burst, and answers 429 with ``Retry-After`` beyond
that (https://docs.slack.dev/apis/web-api/rate-limits). Calls in one lane go in order, one at a time.
The SDK's own retry handler is not used for this: it waits inside the call, without an end and out of sight of the lane.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from bot.clock import Clock, Seconds
from bot.errors import PlatformError

T = TypeVar("T")
Sleep = Callable[[Seconds], Awaitable[None]]
_LANES: Final = 10_000


class SlowDown(PlatformError):  # noqa: N818 - the name says what Slack asks for
    """Slack asks to wait ``after`` seconds."""

    def __init__(self, after: Seconds) -> None:
        super().__init__(f"Slack asks to wait {after:g} s before the next call of this kind")
        self.after = after


@dataclass(frozen=True, slots=True)
class Pace:
    """One message every ``interval`` seconds per channel once ``burst`` went out at once; ``patience`` is the longest a
    message waits for its turn. A growing answer is added to every ``append_every`` seconds (Slack takes about 100
    appends a minute), or edited every ``edit_every`` where it cannot be streamed."""

    interval: Seconds = 1.0
    burst: int = 4
    patience: Seconds = 120.0
    append_every: Seconds = 0.7
    edit_every: Seconds = 1.1


PACE: Final = Pace()


@dataclass(slots=True)
class _Lane:
    """``full_at`` is when the allowance for a burst is whole again."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    full_at: Seconds = 0.0
    closed_until: Seconds = 0.0
    users: int = 0


class Lanes:
    """Used from one event loop."""

    def __init__(self, clock: Clock, pace: Pace = PACE, sleep: Sleep = asyncio.sleep) -> None:
        self._clock = clock
        self._pace = pace
        self._sleep = sleep
        self._lanes: OrderedDict[str, _Lane] = OrderedDict()

    async def run(
        self, name: str, call: Callable[[], Awaitable[T]], *, cost: int = 1, patience: Seconds | None = None
    ) -> T:
        """Call when the lane is free, and again as often as Slack asks to wait, within ``patience`` seconds.

        ``cost`` is 1 for a new message, 0 for what Slack counts otherwise (edits, appended text, reads).
        Raises SlowDown when the patience is over; what ``call`` raises passes through.
        """
        deadline = self._clock.now() + (self._pace.patience if patience is None else patience)
        lane = self._lane(name)
        lane.users += 1
        try:
            async with lane.lock:
                while True:
                    await self._wait(lane, deadline, cost)
                    try:
                        return await call()
                    except SlowDown as slow:
                        lane.closed_until = self._clock.now() + slow.after
        finally:
            lane.users -= 1

    async def beside(self, name: str, call: Callable[[], Awaitable[T]], patience: Seconds | None = None) -> T:
        """The same for calls that need no order (reads, modals): they go side by side until Slack asks to wait."""
        deadline = self._clock.now() + (self._pace.patience if patience is None else patience)
        lane = self._lane(name)
        lane.users += 1
        try:
            while True:
                await self._wait(lane, deadline, cost=0)
                try:
                    return await call()
                except SlowDown as slow:
                    lane.closed_until = max(lane.closed_until, self._clock.now() + slow.after)
        finally:
            lane.users -= 1

    async def _wait(self, lane: _Lane, deadline: Seconds, cost: int) -> None:
        now = self._clock.now()
        allowed = lane.full_at - self._pace.interval * (self._pace.burst - 1) if cost else now
        start = max(now, allowed, lane.closed_until)
        if start > deadline:
            raise SlowDown(start - now)
        if start > now:
            await self._sleep(start - now)
        if cost:
            lane.full_at = max(lane.full_at, start) + self._pace.interval

    def _lane(self, name: str) -> _Lane:
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = _Lane()
            self._forget_idle()
        self._lanes.move_to_end(name)
        return lane

    def _forget_idle(self) -> None:
        while len(self._lanes) > _LANES:
            name, oldest = next(iter(self._lanes.items()))
            if oldest.users:
                return
            del self._lanes[name]
