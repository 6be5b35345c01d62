"""What models cost, counted from what telemetry is told, and kept by day now and then."""

from __future__ import annotations

import asyncio
from typing import Final

from bot.clock import Clock
from bot.errors import StoreError
from bot.review.operating import DAY, Costs, Spent
from bot.telemetry.events import Event, Plain, Telemetry

KEEP_EVERY: Final = 30.0
"""Seconds between two writings: a crash loses at most so much of the count, never of an answer."""


class Spending:
    """``take`` is a sink of telemetry. One process; used from its event loop."""

    def __init__(self, costs: Costs, clock: Clock) -> None:
        self._costs = costs
        self._clock = clock
        self._open: dict[tuple[float, str], Spent] = {}

    def take(self, event: str, fields: dict[str, Plain]) -> None:
        """Count one call of a model."""
        if event != Event.MODEL_CALLED.value:
            return
        calls, usd = int(_number(fields.get("calls"))), fields.get("usd")
        if not calls:
            return
        model, day = str(fields.get("model")), self._clock.now() // DAY * DAY
        tokens = int(_number(fields.get("input_tokens")) + _number(fields.get("output_tokens")))
        was = self._open.get((day, model), Spent(day, model, 0, 0, 0.0, 0))
        unpriced = was.unpriced + (calls if usd is None else 0)
        self._open[day, model] = Spent(
            day, model, was.calls + calls, was.tokens + tokens, was.usd + _number(usd), unpriced
        )

    async def keep(self) -> None:
        """Write what was counted. Raises StoreUnavailable, and forgets nothing then."""
        written, self._open = self._open, {}
        if not written:
            return
        try:
            await self._costs.add(written.values())
        except StoreError:
            for key, each in written.items():
                more = self._open.get(key)
                self._open[key] = each if more is None else _sum(each, more)
            raise

    async def keep_up(self, telemetry: Telemetry) -> None:
        """Write now and then, until cancelled."""
        while True:
            await asyncio.sleep(KEEP_EVERY)
            await self.keep_or_tell(telemetry)

    async def keep_or_tell(self, telemetry: Telemetry) -> None:
        """Write; where that cannot be done, say so and go on."""
        try:
            await self.keep()
        except StoreError as problem:
            telemetry.emit(Event.NOT_OBSERVED, kind="model_costs", problem=str(problem))


def _sum(one: Spent, other: Spent) -> Spent:
    return Spent(
        one.day,
        one.model,
        one.calls + other.calls,
        one.tokens + other.tokens,
        one.usd + other.usd,
        one.unpriced + other.unpriced,
    )


def _number(value: Plain) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
