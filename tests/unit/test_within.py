"""Work with a deadline: the same as under ``asyncio.timeout_at``, whether the work waits or not."""

from __future__ import annotations

import asyncio

import pytest

from bot.within import within


def _soon(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def _never_waits(answer: str) -> str:
    return answer


async def _fails() -> str:
    raise ValueError("broken")


async def test_work_that_never_waits_is_done_even_after_its_deadline() -> None:
    assert await within(_soon(-1.0), _never_waits("done")) == "done"
    with pytest.raises(ValueError, match="broken"):
        await within(_soon(1.0), _fails())


async def test_work_that_waits_in_time_returns_what_it_returns() -> None:
    passed = asyncio.Event()

    async def work() -> str:
        await passed.wait()
        await asyncio.sleep(0)
        return "waited"

    asyncio.get_running_loop().call_soon(passed.set)
    assert await within(_soon(60.0), work()) == "waited"


async def test_work_that_waits_for_too_long_is_cut_off_and_told_so() -> None:
    seen: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    with pytest.raises(TimeoutError):
        await within(_soon(0.0), work())
    assert seen == ["cancelled"]
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()


async def test_work_may_go_on_waiting_when_it_is_cut_off() -> None:
    async def work() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            return "tidied up"
        raise AssertionError("unreachable: nobody sets the event")

    assert await within(_soon(0.0), work()) == "tidied up"


async def test_a_cancellation_from_outside_stays_one() -> None:
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        await asyncio.Event().wait()

    async def waiting() -> None:
        await within(_soon(60.0), work())

    task = asyncio.create_task(waiting())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_failure_of_what_is_waited_for_reaches_the_work() -> None:
    future: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def work() -> str:
        try:
            return await future
        except ValueError:
            return "caught"

    asyncio.get_running_loop().call_soon(future.set_exception, ValueError("broken"))
    assert await within(_soon(60.0), work()) == "caught"
