"""Several providers behind one: retry, circuit breaker, fallback order."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from pydantic import BaseModel

from adapters.models.breaker import Breaker
from adapters.models.offline import Offline
from adapters.models.resilience import Patience, Resilient, Trouble
from adapters.models.scripted import Scripted
from bot.clock import ManualClock
from bot.errors import (
    BudgetExceeded,
    MalformedReply,
    ProviderRateLimited,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
)
from bot.llm.budget import Budget, Budgeted, Limits
from bot.llm.provider import Chunk, Message, Prompt, Provider, Purpose, Role
from bot.llm.streams import closing
from bot.private import Private

PROMPT = Prompt(
    Purpose.ANSWER, "Be kind.", (Message(Role.USER, Private("Hello.")),), fallback=Private("No model is there.")
)
DOWN: Mapping[str, object] = {"error": "unavailable"}
YES: Mapping[str, object] = {"text": "Yes."}


class Score(BaseModel):
    score: int


class Bench:
    """A Resilient whose sleeps are written down instead of slept, with a clock moved by hand."""

    def __init__(self, *providers: Provider, patience: Patience | None = None) -> None:
        self.clock = ManualClock()
        self.slept: list[float] = []
        self.troubles: list[Trouble] = []
        self.provider = Resilient(
            providers,
            self.clock,
            patience or Patience(),
            sleep=self._sleep,
            chance=lambda: 1.0,
            observe=self.troubles.append,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def ask(self) -> str:
        return (await self.provider.complete(PROMPT)).text.reveal()


async def test_retries_what_is_down_with_growing_waits() -> None:
    bench = Bench(Scripted.of(DOWN, DOWN, YES))
    assert await bench.ask() == "Yes."
    assert bench.slept == [0.5, 1.0]
    assert [(trouble.provider, trouble.wait) for trouble in bench.troubles] == [("scripted", 0.5), ("scripted", 1.0)]


async def test_waits_as_long_as_it_is_asked_to() -> None:
    bench = Bench(Scripted.of({"error": "rate_limited", "retry_after": 3.5}, {"error": "rate_limited"}, YES))
    assert await bench.ask() == "Yes."
    assert bench.slept == [3.5, 1.0]


async def test_leaves_alone_who_asks_for_too_long_a_wait() -> None:
    script = Scripted.of({"error": "rate_limited", "retry_after": 60}, YES)
    bench = Bench(script, Offline())
    assert await bench.ask() == "No model is there."
    bench.clock.advance(59)
    assert await bench.ask() == "No model is there."
    assert script.calls.total() == 1
    bench.clock.advance(1)
    assert await bench.ask() == "Yes."
    assert bench.slept == []


@pytest.mark.parametrize(
    ("error", "kind"), [("rejected", ProviderRejected), ("malformed", MalformedReply), ("timeout", ProviderTimeout)]
)
async def test_does_not_repeat_what_will_not_help(error: str, kind: type[Exception]) -> None:
    script = Scripted.of({"error": error})
    with pytest.raises(kind):
        await Bench(script).ask()
    assert script.calls.total() == 1


@pytest.mark.parametrize("error", ["rejected", "malformed", "timeout", "unavailable"])
async def test_goes_on_to_the_next_provider(error: str) -> None:
    bench = Bench(Scripted.of({"error": error, "repeat": True}), Scripted.of(YES), Offline())
    assert await bench.ask() == "Yes."


async def test_a_malformed_shape_is_raised_at_once() -> None:
    second = Scripted.of({"json": {"score": 1}})
    bench = Bench(Scripted.of({"text": "no"}, {"text": "no"}), second)
    with pytest.raises(MalformedReply):
        await bench.provider.structured(PROMPT, Score)
    assert second.calls.total() == 0


async def test_a_budget_is_not_a_reason_to_fall_back() -> None:
    bench = Bench(Budgeted(Scripted.of(YES), Budget(Limits(calls=0))), Offline())
    with pytest.raises(BudgetExceeded):
        await bench.ask()


async def test_names_everyone_who_failed() -> None:
    bench = Bench(Scripted.of({"error": "rejected"}), Scripted.of({"error": "timeout"}))
    with pytest.raises(ProviderUnavailable, match=r"\[scripted\].*rejected.*\[scripted\].*timeout"):
        await bench.ask()


async def test_a_failing_provider_is_left_alone_and_tried_again_later() -> None:
    script = Scripted.of(*[DOWN] * 6, YES, YES)
    bench = Bench(script, Offline(), patience=Patience(attempts=1, failures=3, cooldown=30))
    for _ in range(5):
        assert await bench.ask() == "No model is there."
    assert script.calls.total() == 3, "after three failures nobody is asked"
    bench.clock.advance(30)
    assert await bench.ask() == "No model is there."
    assert script.calls.total() == 4, "one trial, which failed"
    for _ in range(3):
        bench.clock.advance(30)
        await bench.ask()
    assert await bench.ask() == "Yes."


async def test_while_a_trial_is_under_way_others_fall_back() -> None:
    script = Scripted.of(DOWN, {"hang": True}, YES)
    bench = Bench(script, Offline(), patience=Patience(attempts=1, failures=1, cooldown=10))
    await bench.ask()
    bench.clock.advance(10)
    trial = asyncio.create_task(bench.ask())
    await asyncio.sleep(0)
    assert await bench.ask() == "No model is there."
    trial.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trial
    assert await bench.ask() == "Yes.", "a trial that was cancelled says nothing: the next call is a trial again"


async def test_hanging_providers_leave_time_for_the_last_one() -> None:
    hanging = Scripted.of({"hang": True, "repeat": True})
    bench = Bench(hanging, hanging, Offline(), patience=Patience(before_fallback=0.1, failures=1))
    assert await bench.ask() == "No model is there."
    assert await bench.ask() == "No model is there."
    assert hanging.calls.total() == 2, "a provider that used up its share has failed"


async def test_a_stream_falls_back_before_its_first_chunk() -> None:
    bench = Bench(Scripted.of(DOWN, DOWN, DOWN), Scripted.of({"text": "Yes, you can."}))
    pieces = [piece.text.reveal() async for piece in bench.provider.stream(PROMPT)]
    assert pieces == ["Yes,", " you", " can.", "Yes, you can."]
    assert len(bench.slept) == 2


async def test_a_stream_is_never_replayed_after_its_first_chunk() -> None:
    second = Scripted.of(YES)
    bench = Bench(Scripted.of({"text": "Yes, you can.", "error": "unavailable", "after_chunks": 1}), second)
    async with closing(bench.provider.stream(PROMPT)) as pieces:
        assert await anext(pieces) == Chunk(Private("Yes,"))
        with pytest.raises(ProviderUnavailable):
            await anext(pieces)
    assert second.calls.total() == 0


async def test_broken_streams_open_the_circuit() -> None:
    script = Scripted.of({"text": "Yes, you can.", "error": "unavailable", "after_chunks": 1}, YES)
    bench = Bench(script, Offline(), patience=Patience(failures=1))
    async with closing(bench.provider.stream(PROMPT)) as pieces:
        await anext(pieces)
        with pytest.raises(ProviderUnavailable):
            await anext(pieces)
    assert await bench.ask() == "No model is there."


async def test_a_cancelled_call_is_not_retried() -> None:
    script = Scripted.of({"hang": True}, YES)
    bench = Bench(script, Offline())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await bench.ask()
    assert script.calls.total() == 1
    assert bench.slept == []


async def test_closes_everyone_even_when_one_fails() -> None:
    closed: list[str] = []

    class Closing(Offline):
        async def close(self) -> None:
            closed.append(self.name)
            raise ProviderUnavailable("it is gone")

    with pytest.raises(ProviderUnavailable):
        await Resilient([Closing(), Closing()], ManualClock()).close()
    assert len(closed) == 2


def test_wants_somebody_to_ask() -> None:
    with pytest.raises(ValueError, match="at least one provider"):
        Resilient([], ManualClock())


def test_a_longer_hold_is_not_shortened() -> None:
    clock = ManualClock()
    breaker = Breaker(clock, threshold=1, cooldown=5)
    breaker.hold(60)
    breaker.failed()
    assert breaker.wait == 60
    clock.advance(60)
    assert breaker.admit()
    assert not breaker.admit()
    breaker.succeeded()
    assert breaker.admit()


async def test_a_wait_is_jittered_downwards_only() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    provider = Resilient(
        [Scripted.of(DOWN, DOWN, DOWN, DOWN, YES)],
        ManualClock(),
        Patience(attempts=5, first_wait=1, longest_wait=4, failures=9),
        sleep=sleep,
        chance=lambda: 0.0,
    )
    await provider.complete(PROMPT)
    assert slept == [0.5, 1.0, 2.0, 2.0]


async def test_a_rate_limit_without_a_wait_is_raised_when_attempts_run_out() -> None:
    script = Scripted.of(*[{"error": "rate_limited"}] * 3)
    with pytest.raises(ProviderRateLimited):
        await Bench(script).ask()
    script.assert_finished()
