"""Time as a parameter. The core never calls ``time.time()`` itself."""

from __future__ import annotations

import time
from typing import Protocol

Seconds = float
"""Seconds; a moment is seconds since 1970-01-01 UTC."""


class Clock(Protocol):
    def now(self) -> Seconds:
        """The moment, in seconds since 1970-01-01 UTC. Never goes backwards within a process."""
        ...


class SystemClock:
    """Wall time that never goes backwards: a jump of the system clock into the past stands still instead."""

    def __init__(self) -> None:
        self._last = 0.0

    def now(self) -> Seconds:
        moment = time.time()
        if moment > self._last:
            self._last = moment
        return self._last


class ManualClock:
    """A clock that moves when told to, for tests and ``raise-bot chat --clock manual``."""

    def __init__(self, start: Seconds = 1_767_225_600.0) -> None:
        self._now = start

    def now(self) -> Seconds:
        return self._now

    def advance(self, seconds: Seconds) -> None:
        if seconds < 0:
            raise ValueError(f"a clock moves forward only: expected seconds >= 0, got {seconds}")
        self._now += seconds
