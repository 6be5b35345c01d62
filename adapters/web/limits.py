"""How often one person, and one address, may send: token buckets on the clock."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from bot.clock import Clock, Seconds

_MOST_BUCKETS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """``burst`` requests at once, then ``per_second``."""

    burst: float = 30.0
    per_second: float = 2.0


class Limiter:
    """One bucket per key. Keys that have not been used for longest are dropped first (a full bucket, in effect)."""

    def __init__(self, rate: Rate, clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, Seconds]] = OrderedDict()

    def wait(self, key: str) -> Seconds:
        """Take one token: 0 when there was one, else the seconds until there is."""
        now = self._clock.now()
        level, then = self._buckets.pop(key, (self._rate.burst, now))
        level = min(self._rate.burst, level + (now - then) * self._rate.per_second)
        short = max(0.0, 1.0 - level)
        self._buckets[key] = (level if short else level - 1.0, now)
        if len(self._buckets) > _MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return short / self._rate.per_second
