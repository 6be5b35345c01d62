"""Turns go on one by one, and the loop looks at what else there is in between."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Iterator

import pytest

from adapters.engine.inline import InlineEngine
from adapters.models.scripted import Scripted
from bot.assembly.steady import keep_tidy, settle_memory
from bot.assembly.turnstile import OneByOne, Turnstile, one_by_one
from bot.conversation.engine import Steps
from bot.llm.provider import Message, Prompt, Purpose, Reply, Role
from bot.private import Private

MANY = 200
PROMPT = Prompt(Purpose.ANSWER, "", (Message(Role.USER, Private("What now?")),), max_tokens=100)


class Passes:
    """Counts the passes of the loop."""

    def __init__(self) -> None:
        self.number = 0
        self._more = True
        asyncio.get_running_loop().call_soon(self._count)

    def stop(self) -> None:
        self._more = False

    def _count(self) -> None:
        self.number += 1
        if self._more:
            asyncio.get_running_loop().call_soon(self._count)


@pytest.mark.parametrize(("slice_of_time", "most"), [(0.0, 1), (60.0, MANY)])
async def test_of_many_that_wake_at_once_those_within_the_slice_go_on_in_order(slice_of_time: float, most: int) -> None:
    turnstile, passes, gate = Turnstile(slice_of_time), Passes(), asyncio.Event()
    seen: list[tuple[int, int]] = []

    async def turn(number: int) -> None:
        await gate.wait()
        await turnstile.through()
        seen.append((number, passes.number))

    async with asyncio.TaskGroup() as group:
        for number in range(MANY):
            group.create_task(turn(number))
        await asyncio.sleep(0)
        gate.set()
    passes.stop()
    assert [number for number, _ in seen] == list(range(MANY))
    assert max(Counter(at for _, at in seen).values()) == most
    assert seen[-1][1] - seen[0][1] <= MANY // most + 1, "and no pass is wasted"


async def test_nobody_overtakes_those_who_wait() -> None:
    turnstile, seen = Turnstile(0.0), list[int]()

    async def turn(number: int) -> None:
        await turnstile.through()
        seen.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(MANY):
            group.create_task(turn(number))
            await asyncio.sleep(0)
    assert seen == list(range(MANY))


async def test_whoever_is_cancelled_holds_nobody_up() -> None:
    turnstile = Turnstile(0.0)
    tasks = [asyncio.create_task(turnstile.through()) for _ in range(20)]
    await asyncio.sleep(0)
    for task in tasks[1::2]:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [outcome is None for outcome in outcomes] == [True, False] * 10
    await turnstile.through()


async def test_it_knows_when_no_turn_is_under_way() -> None:
    turnstile, engine, begun, gate = Turnstile(), InlineEngine(), asyncio.Event(), asyncio.Event()

    async def work(turn_id: str, steps: Steps) -> None:
        begun.set()
        await gate.wait()

    await engine.start(one_by_one(work, turnstile))
    assert turnstile.quiet()
    await engine.submit("a turn", "a conversation")
    await begun.wait()
    assert not turnstile.quiet()
    gate.set()
    await engine.finished("a turn")
    assert turnstile.quiet()
    await engine.stop(1)


@pytest.mark.parametrize("far", [True, False])
async def test_a_provider_behind_it_says_the_same(far: bool) -> None:
    scripted = Scripted.of({"text": "Take the earlier train."}, {"text": "Sleep first."})
    provider = OneByOne(scripted, Turnstile(), lambda _: far)
    pieces = [piece async for piece in provider.stream(PROMPT)]
    assert isinstance(pieces[-1], Reply)
    assert pieces[-1].text.reveal() == "Take the earlier train."
    assert (await provider.complete(PROMPT)).text.reveal() == "Sleep first."
    assert provider.name == "scripted"


class Collector:
    """What the collector did: the generations it walked through, and ``whole`` once it was all of them."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.whole = asyncio.Event()

    def note(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self.seen.append(info["generation"])
            if info["generation"] == 2:
                self.whole.set()


@pytest.fixture
def collector() -> Iterator[Collector]:
    """Watched from when memory was settled; afterwards everything is as it was."""
    before, watched = gc.get_threshold(), Collector()
    settle_memory()
    gc.callbacks.append(watched.note)
    yield watched
    gc.callbacks.remove(watched.note)
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.mark.parametrize("quiet", [True, False])
async def test_everything_is_collected_when_quiet_and_in_the_end_anyway(collector: Collector, quiet: bool) -> None:
    looked = 0

    def quietly() -> bool:
        nonlocal looked
        looked += 1
        return quiet

    for _ in range(20):
        gc.collect(1)
    keeping = asyncio.create_task(keep_tidy(quietly, 0.001))
    async with asyncio.timeout(10):
        await collector.whole.wait()
    assert looked == (1 if quiet else 10)
    keeping.cancel()


async def test_it_is_left_alone_where_that_is_not_worth_it(collector: Collector) -> None:
    for _ in range(19):
        gc.collect(1)
    keeping = asyncio.create_task(keep_tidy(lambda: True, 0.0))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not collector.whole.is_set()
    keeping.cancel()


async def test_what_grows_is_never_walked_through_as_a_whole(collector: Collector) -> None:
    kept = [[number] for number in range(200_000)]
    assert len(kept) == 200_000
    assert set(collector.seen) == {0, 1}
