"""Paid calls: recorded before they count, asked for once, waited for when a job ends."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import BaseModel

from adapters.models.scripted import Scripted
from adapters.stores.memory_paid import MemoryPaidCalls
from bot.clock import ManualClock
from bot.errors import MalformedReply, ProviderDeclined, StoreUnavailable
from bot.llm.budget import Budget, Limits
from bot.llm.pacing import Pace, Persistence
from bot.llm.paid import Paid, PaidCall, PaidCalls, key_of
from bot.llm.provider import Message, Prompt, Provider, Purpose, Reply, Role, Shape, Structured, Usage
from bot.private import Private

PROMPT = Prompt(Purpose.ANSWER, "Be kind.", (Message(Role.USER, Private("How?")),))


class Number(BaseModel):
    value: int


def paid(provider: Provider, calls: PaidCalls, budget: Budget | None = None) -> Paid:
    pace = Pace(8, Persistence(attempts=1))
    return Paid(provider, "test:model", calls, pace, budget or Budget(Limits()), ManualClock())


class Slow:
    """A model that answers when told to."""

    name = "slow"

    def __init__(self) -> None:
        self.asked, self.began, self.go = 0, asyncio.Event(), asyncio.Event()

    async def complete(self, prompt: Prompt) -> Reply:
        self.asked += 1
        self.began.set()
        await self.go.wait()
        return Reply(Private("slowly"), "slow", Usage(3, 2, 0.5))

    def stream(self, prompt: Prompt) -> None:  # type: ignore[override]  # jobs never stream
        raise AssertionError

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        raise AssertionError

    async def close(self) -> None:
        """Nothing is open."""


class Declining(Slow):
    async def complete(self, prompt: Prompt) -> Reply:
        self.asked += 1
        raise ProviderDeclined("not this")

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        self.asked += 1
        raise ProviderDeclined("nor this")


class Empty(Slow):
    async def complete(self, prompt: Prompt) -> Reply:
        self.asked += 1
        raise MalformedReply("not a word")


async def test_a_reply_is_paid_for_once_by_however_many_jobs() -> None:
    calls = MemoryPaidCalls()
    script = Scripted.of({"purpose": "answer", "text": "One."}, {"purpose": "answer", "json": {"value": 4}})
    budget = Budget(Limits())
    async with paid(script, calls, budget) as first:
        said = await first.complete(PROMPT)
        number = await first.structured(PROMPT, Number)
        assert await first.complete(PROMPT) == said
        assert (first.tally.paid, first.tally.found) == (2, 1)
    async with paid(Scripted.of(), calls) as again:
        assert await again.complete(PROMPT) == said
        assert (await again.structured(PROMPT, Number)).value == number.value == Number(value=4)
        assert (again.tally.paid, again.tally.found) == (0, 2)
    assert budget.spent.calls == 2
    script.assert_finished()


async def test_asked_for_at_the_same_time_it_is_paid_for_once() -> None:
    model = Slow()
    async with paid(model, MemoryPaidCalls()) as calls:
        both = asyncio.gather(calls.complete(PROMPT), calls.complete(PROMPT))
        await model.began.wait()
        model.go.set()
        first, second = await both
    assert first == second
    assert model.asked == 1


async def test_whatever_differs_in_the_question_is_another_call() -> None:
    keys = {
        key_of("m", PROMPT, None, 0),
        key_of("m", PROMPT, None, 1),
        key_of("n", PROMPT, None, 0),
        key_of("m", PROMPT, Number, 0),
        key_of("m", Prompt(Purpose.JUDGE, "Be kind.", PROMPT.messages), None, 0),
        key_of("m", Prompt(Purpose.ANSWER, "Be kind", PROMPT.messages), None, 0),
        key_of("m", Prompt(Purpose.ANSWER, "Be kind.", PROMPT.messages, max_tokens=7), None, 0),
    }
    assert len(keys) == 7


async def test_a_reply_that_stayed_malformed_is_paid_for_once_too() -> None:
    calls = MemoryPaidCalls()
    script = Scripted.of({"text": "I would say 4 of 5."}, {"text": "Four!"})
    async with paid(script, calls) as first:
        for _ in range(2):
            with pytest.raises(MalformedReply):
                await first.structured(PROMPT, Number)
    script.assert_finished()


async def test_a_failure_is_of_the_same_kind_when_it_is_found_recorded() -> None:
    calls, model, empty = MemoryPaidCalls(), Declining(), Empty()
    judged = Prompt(Purpose.JUDGE, "Judge.", PROMPT.messages)
    first, second = paid(model, calls), paid(empty, calls)
    for _ in range(2):
        with pytest.raises(ProviderDeclined, match="not this"):
            await first.complete(PROMPT)
        with pytest.raises(ProviderDeclined, match="nor this"):
            await first.structured(judged, Number)
        with pytest.raises(MalformedReply, match="not a word"):
            await second.complete(judged)
    assert (model.asked, empty.asked) == (2, 1)


async def test_what_is_under_way_when_a_job_ends_is_waited_for_and_recorded() -> None:
    calls, model = MemoryPaidCalls(), Slow()
    work = paid(model, calls)
    waiting = asyncio.create_task(work.complete(PROMPT))
    await model.began.wait()
    waiting.cancel()
    closing = asyncio.create_task(work.close())
    await asyncio.sleep(0)
    assert not closing.done()
    model.go.set()
    await closing
    assert waiting.cancelled()
    async with paid(Scripted.of(), calls) as again:
        assert (await again.complete(PROMPT)).text == Private("slowly")


async def test_what_only_waits_for_a_place_is_not_begun_when_a_job_ends() -> None:
    model = Slow()
    work = Paid(model, "m", MemoryPaidCalls(), Pace(1), Budget(Limits()), ManualClock())
    other = Prompt(Purpose.ANSWER, "Other.", PROMPT.messages)
    tasks = [asyncio.create_task(work.complete(each)) for each in (PROMPT, other)]
    await model.began.wait()
    closing = asyncio.create_task(work.close())
    await asyncio.sleep(0)
    model.go.set()
    await closing
    assert model.asked == 1
    assert (await tasks[0]).complete
    with pytest.raises(asyncio.CancelledError):
        await tasks[1]


async def test_a_call_that_cannot_be_recorded_is_not_counted_as_a_reply() -> None:
    class Full(MemoryPaidCalls):
        async def put(self, call: PaidCall) -> None:
            raise StoreUnavailable("the disk is full")

    async with paid(Scripted.of({"text": "One."}), Full()) as work:
        with pytest.raises(StoreUnavailable):
            await work.complete(PROMPT)
        assert work.tally.paid == 0
