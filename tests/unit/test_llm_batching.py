"""Calls in batches: paid once however often the job is killed, asked again where a batch failed them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import BaseModel

from adapters.models.openai import OpenAIProvider
from adapters.stores.memory_paid import MemoryPaidCalls
from bot.clock import SystemClock
from bot.errors import InputError, ProviderDeclined, ProviderRejected, ProviderUnavailable
from bot.llm.batch_desk import Rhythm
from bot.llm.batch_journal import BatchJournal
from bot.llm.batches import BatchLimits
from bot.llm.batching import Batched
from bot.llm.budget import Budget, Limits
from bot.llm.pacing import Pace, Persistence
from bot.llm.paid import Paid
from bot.llm.prices import PRICES
from bot.llm.provider import Message, Prompt, Purpose, Role
from bot.private import Private
from tests.support.models.faults import DOWN, EXPIRE, OVERLOADED, REFUSE, Fault, Kind
from tests.support.models.server import ModelServer

QUICK = Rhythm(linger=0.05, first=0.01, longest=0.01, patience=3)
MODEL = "gpt-4o"


class Number(BaseModel):
    value: int


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModelServer]:
    async with ModelServer() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def prompt(text: str) -> Prompt:
    return Prompt(Purpose.ANSWER, "Be kind.", (Message(Role.USER, Private(text)),), max_tokens=20)


@asynccontextmanager
async def job(
    path: Path, calls: MemoryPaidCalls, rhythm: Rhythm = QUICK, limits: BatchLimits | None = None
) -> AsyncIterator[tuple[Paid, Batched, Budget]]:
    """One run of a job over the same journal and recorded calls."""
    from adapters.models.remote import ModelNames

    provider, clock, budget = OpenAIProvider(ModelNames(MODEL)), SystemClock(), Budget(Limits())
    batches = provider.batches()
    if limits is not None:
        batches.limits = limits  # type: ignore[misc]  # smaller than any real provider's
    once = Persistence(attempts=1)
    batched = Batched(provider, batches, BatchJournal(path), Pace(2, once), clock, rhythm)
    try:
        async with Paid(provider, MODEL, calls, Pace(1_000, once), budget, clock, batched) as paid:
            yield paid, batched, budget
    finally:
        await batched.close()
        await provider.close()


async def said(paid: Paid, *texts: str) -> list[str]:
    replies = await asyncio.gather(*(paid.complete(prompt(text)) for text in texts))
    return [reply.text.reveal() for reply in replies]


TEXTS = tuple(f"text {number}" for number in range(8))
SAID = [f"You said: {text}" for text in TEXTS]


async def test_all_but_the_first_go_into_a_batch_at_half_the_price(server: ModelServer, tmp_path: Path) -> None:
    calls = MemoryPaidCalls()
    async with job(tmp_path / "b", calls) as (paid, batched, budget):
        assert await said(paid, *TEXTS) == SAID
        told = batched.told()
        assert (told["items"], told["singly"], told["failed"]) == (7, 1, {})
        assert server.served["openai"] == 1
        price = PRICES[MODEL]
        read, wrote = (sum(getattr(call.usage, name) for call in calls._calls.values()) for name in COUNTED)
        full = (read * price.input + wrote * price.output) / 1e6
        assert budget.spent.usd == pytest.approx(full * (1 + 7 * 0.5) / 8, rel=0.02)
    async with job(tmp_path / "b", calls) as (paid, batched, _):
        assert await said(paid, *TEXTS) == SAID
        assert paid.tally.paid == 0
    assert len(server.calls) == 8


COUNTED = ("input_tokens", "output_tokens")


async def test_a_killed_job_waits_for_the_batch_it_handed_in(server: ModelServer, tmp_path: Path) -> None:
    calls = MemoryPaidCalls()
    server.batch.looks = 10**9
    for killed in range(3):
        async with job(tmp_path / "b", calls) as (paid, batched, budget):
            asking = asyncio.create_task(said(paid, *TEXTS))
            await server.batch.looked.wait()
            server.batch.looked.clear()
            asking.cancel()
        # It ends without waiting for the batch, and counts nothing of it.
        assert budget.spent.calls == (0 if killed else 1)
    server.batch.looks = 0
    async with job(tmp_path / "b", calls) as (paid, batched, budget):
        assert await said(paid, *TEXTS) == SAID
        assert batched.told()["found"] == 1
        assert budget.spent.calls == 7
    assert len(server.batch.batches) == 1
    assert len(server.calls) == 8


async def test_a_batch_that_was_taken_without_an_answer_is_found(server: ModelServer, tmp_path: Path) -> None:
    server.batch.drop_after = 1
    async with job(tmp_path / "b", MemoryPaidCalls()) as (paid, _, _budget):
        assert await said(paid, *TEXTS) == SAID
    assert len(server.batch.batches) == 1


async def test_killed_before_the_answer_the_next_run_finds_it(server: ModelServer, tmp_path: Path) -> None:
    calls = MemoryPaidCalls()
    server.batch.drop_after = 1
    async with job(tmp_path / "b", calls, Rhythm(0.05, 0.01, 0.01, patience=1)) as (paid, _, _budget):
        with pytest.raises(ProviderUnavailable):
            await said(paid, *TEXTS)
    async with job(tmp_path / "b", calls) as (paid, batched, _):
        assert await said(paid, *TEXTS) == SAID
        assert batched.told()["found"] == 1
    assert len(server.calls) == 8


async def test_a_batch_that_was_never_taken_is_handed_in_again(server: ModelServer, tmp_path: Path) -> None:
    calls = MemoryPaidCalls()
    server.batch.looks = 10**9
    async with job(tmp_path / "b", calls) as (paid, batched, _):
        asking = asyncio.create_task(said(paid, *TEXTS))
        await server.batch.looked.wait()
        asking.cancel()
    # As after a kill right before it was sent: kept on the disk, unknown to the provider.
    lines = (tmp_path / "b").read_text(encoding="utf-8").splitlines()
    (tmp_path / "b").write_text(f"{lines[0]}\n{lines[1][:9]}", encoding="utf-8")
    server.batch.batches.clear()
    server.batch.looks = 0
    async with job(tmp_path / "b", calls) as (paid, batched, _):
        assert await said(paid, *TEXTS) == SAID
        assert batched.told() == {"handed_in": 1, "found": 1, "items": 7, "singly": 0, "failed": {}}


async def test_what_a_batch_failed_is_asked_in_another_and_then_singly(server: ModelServer, tmp_path: Path) -> None:
    server.faults.extend([None, EXPIRE, OVERLOADED, *[None] * 5, EXPIRE, None])
    async with job(tmp_path / "b", MemoryPaidCalls()) as (paid, batched, _):
        assert await said(paid, *TEXTS) == SAID
        told = batched.told()
    assert told == {
        "handed_in": 2,
        "found": 0,
        "items": 6,
        "singly": 2,
        "failed": {"ProviderTimeout": 2, "ProviderUnavailable": 1},
    }


async def test_what_no_batch_can_answer_is_asked_singly_at_once(server: ModelServer, tmp_path: Path) -> None:
    server.faults.extend([None, Fault(Kind.STATUS, status=400, code="invalid_request_error")])
    async with job(tmp_path / "b", MemoryPaidCalls()) as (paid, batched, _):
        assert await said(paid, *TEXTS) == SAID
        assert (batched.tally.singly, batched.tally.items, batched.tally.failed.total()) == (2, 6, 1)


async def test_a_refusal_is_final_and_found_as_one(server: ModelServer, tmp_path: Path) -> None:
    calls = MemoryPaidCalls()
    server.faults.extend([None, REFUSE])
    for _ in range(2):
        async with job(tmp_path / "b", calls) as (paid, _batched, _):
            await paid.complete(prompt("first"))
            with pytest.raises(ProviderDeclined):
                await paid.complete(prompt("second"))
    assert len(server.calls) == 2


async def test_a_shape_is_repaired_in_another_batch(server: ModelServer, tmp_path: Path) -> None:
    server.reply = lambda call: "four" if len(call.messages) == 1 and call.last == "how?" else json.dumps({"value": 4})
    calls = MemoryPaidCalls()
    async with job(tmp_path / "b", calls) as (paid, batched, _):
        await paid.structured(prompt("probe"), Number)
        answer = await paid.structured(prompt("how?"), Number)
        assert answer.value == Number(value=4)
        assert answer.usage.calls == 2
        assert batched.told()["handed_in"] == 2
    calls._calls.clear()
    async with job(tmp_path / "b", calls) as (paid, batched, _):  # killed before it was recorded
        assert (await paid.structured(prompt("how?"), Number)).value == Number(value=4)
        assert batched.told()["found"] == 2
    assert len(server.calls) == 3


@pytest.mark.parametrize("limits", [BatchLimits(3, 10**6), BatchLimits(100, 1_800)])
async def test_a_batch_takes_only_so_much(server: ModelServer, tmp_path: Path, limits: BatchLimits) -> None:
    async with job(tmp_path / "b", MemoryPaidCalls(), limits=limits) as (paid, _batched, _):
        assert await said(paid, *TEXTS) == SAID
    sizes = [len(batch.lines) for batch in server.batch.batches.values()]
    assert sum(sizes) == 7
    assert max(sizes) <= 3


@pytest.mark.parametrize(
    ("fault", "kind"), [(DOWN, ProviderUnavailable), (Fault(Kind.STATUS, status=401), ProviderRejected)]
)
async def test_where_the_first_call_shows_that_none_can_succeed_no_other_is_made(
    server: ModelServer, tmp_path: Path, fault: Fault, kind: type[Exception]
) -> None:
    server.always = fault
    async with job(tmp_path / "b", MemoryPaidCalls()) as (paid, _, _budget):
        found = await asyncio.gather(*(paid.complete(prompt(text)) for text in TEXTS), return_exceptions=True)
    assert all(isinstance(each, kind) for each in found)
    assert len(server.calls) == 1


async def test_a_refused_batch_is_handed_in_by_the_next_run(server: ModelServer, tmp_path: Path) -> None:
    calls = MemoryPaidCalls()
    server.batch.refuse = "token_limit_exceeded"
    async with job(tmp_path / "b", calls) as (paid, _, _budget):
        with pytest.raises(ProviderRejected, match="token_limit_exceeded"):
            await said(paid, *TEXTS)
    server.batch.refuse = ""
    async with job(tmp_path / "b", calls) as (paid, batched, _):
        assert await said(paid, *TEXTS) == SAID
        assert batched.told()["handed_in"] == 1


def test_a_file_that_is_no_journal_is_refused(tmp_path: Path) -> None:
    for text in ("hello\n", '{"tag": "x", "batch": "y"}\n', '{"batch": "y"}\n', '{"tag": "x", "at": 1, "items": 3}\n'):
        (tmp_path / "b").write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="the batches of a run"):
            BatchJournal(tmp_path / "b")
