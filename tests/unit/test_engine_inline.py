"""What the inline engine adds to the contract: bounded concurrency, bounded memory, strays."""

from __future__ import annotations

import asyncio

import pytest

from adapters.engine.inline import InlineEngine
from bot.conversation.engine import Steps


async def test_no_more_turns_run_at_once_than_allowed() -> None:
    running, most = 0, 0

    async def work(turn_id: str, steps: Steps) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    engine = InlineEngine(concurrency=3)
    await engine.start(work)
    for number in range(20):
        await engine.submit(f"t{number}", f"c{number % 10}")
    for number in range(20):
        await engine.finished(f"t{number}")
    await engine.stop(1)
    assert most == 3


async def test_a_conversation_that_waits_for_a_place_can_be_cancelled_whole() -> None:
    gate, began = asyncio.Event(), list[str]()

    async def work(turn_id: str, steps: Steps) -> None:
        began.append(turn_id)
        await gate.wait()

    engine = InlineEngine(concurrency=1)
    await engine.start(work)
    for turn_id, conversation in (("t1", "c1"), ("t2", "c2"), ("t3", "c2"), ("t4", "c3")):
        await engine.submit(turn_id, conversation)
    assert await engine.cancel("t2")
    assert await engine.cancel("t3")
    gate.set()
    await engine.finished("t4")
    await engine.stop(1)
    assert began == ["t1", "t4"]


async def test_only_the_last_ids_are_remembered() -> None:
    async def work(turn_id: str, steps: Steps) -> None:
        return

    engine = InlineEngine(remembered=2)
    await engine.start(work)
    for turn_id in ("t1", "t2", "t3"):
        await engine.submit(turn_id, "c1")
        await engine.finished(turn_id)
    assert not await engine.submit("t3", "c1")
    assert await engine.submit("t1", "c1")
    await engine.stop(1)


async def test_a_cancellation_that_strayed_in_counts_as_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    async def work(turn_id: str, steps: Steps) -> None:
        raise asyncio.CancelledError

    engine = InlineEngine(pauses=())
    await engine.start(work)
    await engine.submit("t1", "c1")
    await engine.finished("t1")
    await engine.stop(1)
    assert "CancelledError" in caplog.text


async def test_starting_twice_is_refused() -> None:
    async def work(turn_id: str, steps: Steps) -> None:
        return

    engine = InlineEngine()
    await engine.start(work)
    with pytest.raises(RuntimeError, match="started already"):
        await engine.start(work)
    await engine.stop(1)
