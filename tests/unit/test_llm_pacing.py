"""Pace: how many calls run at once, and what a server's refusal does to that."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import BudgetExceeded, ProviderRateLimited, ProviderRejected, ProviderUnavailable
from bot.llm.pacing import Pace, Persistence


class Time:
    """Time that passes only in sleeps."""

    def __init__(self) -> None:
        self.at = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        until = self.at + seconds
        await asyncio.sleep(0)
        self.at = max(self.at, until)


def paced(most: int, attempts: int = 8) -> tuple[Pace, Time]:
    time = Time()
    return Pace(most, Persistence(attempts, first=1.0, longest=8.0), sleep=time.sleep, now=time.now), time


async def test_no_more_run_at_once_than_asked_for_and_all_places_are_used() -> None:
    pace, _ = paced(3)
    running, peak = 0, 0

    async def work() -> int:
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(0)
        running -= 1
        return peak

    await asyncio.gather(*(pace.run(work) for _ in range(20)))
    assert peak == 3
    assert pace.running == 0


async def test_a_refusal_halves_the_number_once_holds_every_call_back_and_is_tried_again() -> None:
    pace, time = paced(8)
    refusals, begun = 8, list[float]()

    async def work() -> str:
        nonlocal refusals
        begun.append(time.now())
        await asyncio.sleep(0)
        if refusals:
            refusals -= 1
            raise ProviderRateLimited("wait", 5.0)
        return "fine"

    assert await asyncio.gather(*(pace.run(work) for _ in range(10))) == ["fine"] * 10
    # Eight were under way together: they are one sign, not eight.
    assert pace.slowed == 1
    assert begun[:8] == [0.0] * 8
    assert all(at >= 5.0 for at in begun[8:])
    assert 4.0 <= pace.allowed < 8.0


async def test_places_come_back_while_all_goes_well() -> None:
    pace, _ = paced(4)
    pace.allowed = 1.0

    async def work() -> None:
        await asyncio.sleep(0)

    await asyncio.gather(*(pace.run(work) for _ in range(30)))
    assert pace.allowed == 4.0


async def test_patience_ends_and_what_waiting_does_not_mend_is_raised_at_once() -> None:
    pace, time = paced(1, attempts=3)
    tries = 0

    async def down() -> None:
        nonlocal tries
        tries += 1
        raise ProviderUnavailable("down")

    async def refused() -> None:
        raise ProviderRejected("wrong key")

    with pytest.raises(ProviderUnavailable):
        await pace.run(down)
    assert (tries, time.slept) == (3, [1.0, 2.0])
    with pytest.raises(ProviderRejected):
        await pace.run(refused)
    assert (time.slept, pace.running) == ([1.0, 2.0], 0)


async def test_the_budget_ends_only_a_call_that_is_alone() -> None:
    pace, _ = paced(4)
    alone: list[bool] = []

    async def work() -> str:
        alone.append(pace.running == 1)
        if not alone[-1]:
            raise BudgetExceeded("held by others")
        await asyncio.sleep(0)
        return "fine"

    assert await asyncio.gather(*(pace.run(work) for _ in range(4))) == ["fine"] * 4

    async def never() -> None:
        raise BudgetExceeded("spent")

    with pytest.raises(BudgetExceeded):
        await pace.run(never)


async def test_who_gives_up_waiting_leaves_no_place_behind() -> None:
    pace, _ = paced(1)
    go = asyncio.Event()

    async def long() -> None:
        await go.wait()

    async def short() -> str:
        return "fine"

    first = asyncio.create_task(pace.run(long))
    second, third = asyncio.create_task(pace.run(short)), asyncio.create_task(pace.run(short))
    await asyncio.sleep(0)
    second.cancel()
    go.set()
    assert await third == "fine"
    await first
    assert second.cancelled()
    assert pace.running == 0


def test_a_pace_needs_a_place() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Pace(0)
