"""A circuit breaker: a provider that keeps failing is left alone for a while, then tried with one call.

Ours because no library fits: ``purgatory``, the best kept one, reads the wall clock itself (ours is a parameter), lets
every waiting call through at once when it half opens, and cannot hold a circuit for as long as a ``Retry-After`` says;
``pybreaker`` knows no asyncio and ``aiobreaker`` is no longer kept.
"""

from __future__ import annotations

from bot.clock import Clock, Seconds


class Breaker:
    """Closed, open until a moment, or half open with one trial call under way. For one event loop."""

    def __init__(self, clock: Clock, threshold: int, cooldown: Seconds) -> None:
        """``threshold`` failures in a row open the circuit for ``cooldown`` seconds."""
        self._clock = clock
        self._threshold = threshold
        self._cooldown = cooldown
        self._failures = 0
        self._open_until: Seconds | None = None
        self._trial = False

    def admit(self) -> bool:
        """May a call be made now? A True must be followed by succeeded, failed or released."""
        if self._open_until is None:
            return True
        if self._trial or self._clock.now() < self._open_until:
            return False
        self._trial = True
        return True

    @property
    def wait(self) -> Seconds:
        """Seconds until the next trial; 0 when closed."""
        return 0.0 if self._open_until is None else max(0.0, self._open_until - self._clock.now())

    def succeeded(self) -> None:
        self._failures = 0
        self._open_until = None
        self._trial = False

    def failed(self) -> None:
        self._failures += 1
        if self._trial or self._failures >= self._threshold:
            self.hold(self._cooldown)
        self._trial = False

    def hold(self, seconds: Seconds) -> None:
        """Open at once, for as long as the provider asked."""
        self._open_until = max(self._open_until or 0.0, self._clock.now() + seconds)
        self._trial = False

    def released(self) -> None:
        """The call ended without saying anything about the provider (cancelled, refused for its content)."""
        self._trial = False
