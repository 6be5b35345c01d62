"""Pacing: a burst, then one a second per channel; a 429 closes one lane and no other."""

from __future__ import annotations

import asyncio

import pytest

from adapters.slack.limits import Lanes, Pace, SlowDown
from bot.clock import ManualClock


class Time:
    """A clock that jumps to whenever somebody wants to wake."""

    def __init__(self) -> None:
        self.clock = ManualClock(0.0)
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.clock.advance(seconds)
        await asyncio.sleep(0)


async def nothing() -> float:
    return 0.0


async def test_a_burst_then_one_a_second() -> None:
    time = Time()
    lanes = Lanes(time.clock, Pace(interval=1.0, burst=3), time.sleep)
    for _ in range(6):
        await lanes.run("T1/C1", nothing)
    assert time.slept == [1.0, 1.0, 1.0]


async def test_edits_cost_nothing_and_channels_are_apart() -> None:
    time = Time()
    lanes = Lanes(time.clock, Pace(interval=1.0, burst=1), time.sleep)
    await lanes.run("T1/C1", nothing)
    await lanes.run("T1/C1", nothing, cost=0)
    await lanes.run("T1/C2", nothing)
    assert time.slept == []


async def test_retry_after_is_waited_for_in_that_channel_only() -> None:
    time = Time()
    lanes = Lanes(time.clock, Pace(interval=0.0), time.sleep)
    refusals = [SlowDown(7.0)]
    order: list[str] = []

    async def limited() -> None:
        if refusals:
            raise refusals.pop()
        order.append("C1")

    async def free() -> None:
        order.append("C2")

    await asyncio.gather(lanes.run("C1", limited), lanes.run("C2", free))
    assert order == ["C2", "C1"]
    assert time.slept == [7.0]


async def test_patience_ends() -> None:
    time = Time()
    lanes = Lanes(time.clock, Pace(interval=0.0, patience=10.0), time.sleep)

    async def never() -> None:
        raise SlowDown(6.0)

    with pytest.raises(SlowDown):
        await lanes.run("C1", never)
    with pytest.raises(SlowDown):
        await lanes.beside("users.info", never, patience=1.0)
    assert time.slept == [6.0]


async def test_one_lane_keeps_its_order() -> None:
    time = Time()
    lanes = Lanes(time.clock, Pace(interval=0.0), time.sleep)
    order: list[int] = []

    async def call(number: int) -> None:
        await asyncio.sleep(0)
        order.append(number)

    await asyncio.gather(*(lanes.run("C1", lambda n=number: call(n)) for number in range(20)))  # type: ignore[misc]
    assert order == list(range(20))
