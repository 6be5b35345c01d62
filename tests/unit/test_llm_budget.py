"""A budget refuses the call that could go over, and counts what was used."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from adapters.models.offline import Offline
from adapters.models.scripted import Scripted
from bot.errors import BudgetExceeded, ProviderRateLimited, ProviderTimeout, ProviderUnavailable
from bot.llm.budget import Budget, Budgeted, Limits, Spent, estimate, tokens_in
from bot.llm.prices import PRICES, Price, cost
from bot.llm.provider import Chunk, Message, Prompt, Purpose, Reply, Role, Usage
from bot.llm.streams import closing
from bot.private import Private

TEXT = "Take the earlier train."


def prompt(purpose: Purpose = Purpose.ANSWER, max_tokens: int = 100) -> Prompt:
    said = (Message(Role.USER, Private("How do I get there?")),)
    return Prompt(purpose, "Be kind.", said, max_tokens=max_tokens, fallback=Private(TEXT))


class Score(BaseModel):
    score: int


async def test_refuses_the_call_over_the_limit_before_it_is_made() -> None:
    script = Scripted.of({"text": TEXT}, {"text": TEXT})
    provider = Budgeted(script, Budget(Limits(calls=1)))
    await provider.complete(prompt())
    with pytest.raises(BudgetExceeded, match="call 2 of at most 1"):
        await provider.complete(prompt())
    assert script.calls.total() == 1


async def test_reserves_tokens_for_calls_side_by_side() -> None:
    budget = Budget(Limits(tokens=estimate(prompt()) * 2 - 1))
    with budget.hold(prompt()) as held:
        held.usage = Usage(usd=0.0)
        with pytest.raises(BudgetExceeded, match="tokens"):
            await Budgeted(Scripted.of(), budget).complete(prompt())
    await Budgeted(Scripted.of({"text": TEXT}), budget).complete(prompt())


async def test_a_cancelled_call_counts_as_the_worst_case() -> None:
    budget = Budget(Limits())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await Budgeted(Scripted.of({"hang": True}), budget).complete(prompt())
    assert budget.spent.tokens == estimate(prompt())


async def test_counts_per_purpose() -> None:
    script = Scripted.of({"purpose": "judge", "text": "no"}, {"purpose": "judge", "json": {"score": 3}}, {"text": TEXT})
    budget = Budget(Limits())
    provider = Budgeted(script, budget)
    await provider.structured(prompt(Purpose.JUDGE), Score)
    pieces = [piece async for piece in provider.stream(prompt())]
    assert isinstance(pieces[-1], Reply)
    assert budget.by_purpose[Purpose.JUDGE].calls == 2
    assert budget.by_purpose[Purpose.ANSWER].tokens == tokens_in("Be kind.") + tokens_in("How do I get there?") + 8
    assert budget.spent.calls == 3


async def test_asking_nobody_costs_nothing() -> None:
    budget = Budget(Limits(calls=1))
    await Budgeted(Offline(), budget).complete(prompt())
    assert budget.spent == Spent()


@pytest.mark.parametrize(
    ("entry", "error", "billed"),
    [
        ({"error": "rate_limited"}, ProviderRateLimited, False),
        ({"error": "unavailable"}, ProviderUnavailable, False),
        ({"error": "timeout"}, ProviderTimeout, True),
    ],
)
async def test_counts_what_may_have_been_billed(entry: dict[str, object], error: type[Exception], billed: bool) -> None:
    budget = Budget(Limits())
    with pytest.raises(error):
        await Budgeted(Scripted.of(entry), budget).complete(prompt())
    assert budget.spent.calls == 1
    assert budget.spent.tokens == (estimate(prompt()) if billed else 0)


async def test_a_stream_bills_from_its_first_chunk() -> None:
    budget = Budget(Limits())
    provider = Budgeted(Scripted.of({"text": TEXT, "error": "unavailable", "after_chunks": 1}), budget)
    async with closing(provider.stream(prompt())) as pieces:
        assert isinstance(await anext(pieces), Chunk)
        with pytest.raises(ProviderUnavailable):
            await anext(pieces)
    assert budget.spent.tokens == estimate(prompt())


def test_a_limit_in_dollars_needs_prices() -> None:
    budget = Budget(Limits(usd=1.0))
    with budget.hold(prompt()) as held:
        held.usage = Usage(10, 10, usd=None)
    assert budget.spent.unpriced == 1
    with pytest.raises(BudgetExceeded, match="no known price"), budget.hold(prompt()):
        pass


def test_takes_the_dearest_call_as_the_next_one() -> None:
    budget = Budget(Limits(usd=1.0))
    for usd in (0.1, 0.4):
        with budget.hold(prompt()) as held:
            held.usage = Usage(1, 1, usd=usd)
    with budget.hold(prompt()) as held:
        held.usage = Usage(1, 1, usd=0.2)
    with pytest.raises(BudgetExceeded, match=r"about \$1\.1000 of at most \$1\.0000"), budget.hold(prompt()):
        pass


@given(st.lists(st.integers(0, 120), max_size=30), st.integers(0, 1_500))
def test_never_goes_over_its_tokens(used: list[int], limit: int) -> None:
    budget = Budget(Limits(tokens=limit))
    for tokens in used:
        try:
            with budget.hold(prompt()) as held:
                held.usage = Usage(0, min(tokens, held.tokens), usd=0.0)
        except BudgetExceeded:
            break
    assert budget.spent.tokens <= limit


def test_prices_stand_for_dated_releases_only() -> None:
    assert cost(PRICES, "gpt-4o-2024-11-20", 1_000_000, 0) == 2.5
    assert cost(PRICES, "claude-haiku-4-5-20251001", 0, 1_000_000) == 5.0
    assert cost(PRICES, "gpt-4o-audio-preview", 1, 1) is None
    assert cost({"local": Price(0.0, 0.0)}, "local", 10, 10) == 0.0
