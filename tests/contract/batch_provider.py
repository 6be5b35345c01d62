"""What every BatchProvider does, against a model server. Subclass and give the fixtures ``server`` and ``provider``."""

from __future__ import annotations

import pytest

from adapters.models.remote import Remote
from bot.errors import (
    MalformedReply,
    ProviderDeclined,
    ProviderError,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
)
from bot.llm.batches import BatchItem, BatchProvider
from bot.llm.prices import BATCH_SHARE
from bot.llm.provider import Message, Prompt, Purpose, Reply, Role
from bot.llm.structured import schema_of
from bot.private import Private
from tests.contract.model_provider import Score, told
from tests.support.models.faults import EXPIRE, LENGTH, OVERLOADED, REFUSE, Fault, Kind
from tests.support.models.server import ModelServer

LONG_AGO = 0.0


def prompt(text: str, purpose: Purpose = Purpose.ANSWER) -> Prompt:
    return Prompt(purpose, "Be kind.", (Message(Role.USER, Private(text)),))


def items(*texts: str) -> list[BatchItem]:
    return [BatchItem(f"id-{text}", prompt(text), None) for text in texts]


async def collected(batches: BatchProvider, batch: str) -> dict[str, Reply | ProviderError]:
    while not (await batches.poll(batch)).ended:
        pass
    return {name: outcome async for name, outcome in batches.results(batch)}


class BatchContract:
    async def test_results_come_by_id_in_any_order_at_half_the_price(
        self, server: ModelServer, provider: Remote
    ) -> None:
        asked, batches = items("one", "two", "three"), provider.batches()
        found = await collected(batches, await batches.submit("tag", asked))
        single = await provider.complete(prompt("two"))
        assert list(found) == ["id-three", "id-two", "id-one"]
        for text in ("one", "two", "three"):
            reply = found[f"id-{text}"]
            assert isinstance(reply, Reply)
            assert reply.text.reveal() == f"You said: {text}"
            assert reply.complete
            assert reply.model == single.model
        two = found["id-two"]
        assert isinstance(two, Reply)
        assert single.usage.usd
        assert two.usage.usd == pytest.approx(single.usage.usd * BATCH_SHARE)
        assert two.usage.input_tokens == single.usage.input_tokens

    async def test_a_schema_goes_along(self, server: ModelServer, provider: Remote) -> None:
        batches = provider.batches()
        item = BatchItem("judged", prompt("how good?", Purpose.JUDGE), schema_of(Score))
        found = await collected(batches, await batches.submit("tag", [item]))
        (call,) = server.calls
        assert call.schema == schema_of(Score)
        reply = found["judged"]
        assert isinstance(reply, Reply)
        assert reply.text.reveal() == '{"score": 1, "why": "text"}'

    async def test_tells_how_far_it_is(self, server: ModelServer, provider: Remote) -> None:
        server.batch.looks = 2
        batches = provider.batches()
        batch = await batches.submit("tag", items("one", "two"))
        first, second = await batches.poll(batch), await batches.poll(batch)
        assert (first.ended, first.done, first.items) == (False, 0, 2)
        assert (second.ended, second.done, second.items) == (True, 2, 2)

    async def test_what_became_of_one_request_says_nothing_about_others(
        self, server: ModelServer, provider: Remote
    ) -> None:
        wrong = Fault(Kind.STATUS, status=400, code="invalid_request_error")
        server.faults.extend([EXPIRE, OVERLOADED, wrong, REFUSE, LENGTH, None])
        batches = provider.batches()
        asked = items("expired", "overloaded", "wrong", "refused", "cut", "fine")
        found = await collected(batches, await batches.submit("tag", asked))
        kinds = {"expired": ProviderTimeout, "overloaded": ProviderUnavailable, "wrong": ProviderRejected}
        for text, kind in {**kinds, "refused": ProviderDeclined}.items():
            problem = found[f"id-{text}"]
            assert isinstance(problem, kind)
            told(problem)
        cut, fine = found["id-cut"], found["id-fine"]
        assert isinstance(cut, Reply)
        assert not cut.complete
        assert isinstance(fine, Reply)
        assert fine.complete

    async def test_an_answer_without_a_word_is_malformed(self, server: ModelServer, provider: Remote) -> None:
        server.reply = lambda call: " "
        batches = provider.batches()
        found = await collected(batches, await batches.submit("tag", items("one")))
        assert isinstance(found["id-one"], MalformedReply)

    async def test_a_batch_is_found_again(self, server: ModelServer, provider: Remote) -> None:
        batches = provider.batches()
        other = await batches.submit("other", items("one"))
        batch = await batches.submit("tag", items("one", "two"))
        assert await batches.find("tag", LONG_AGO, 2, {other}) == batch
        assert await batches.find("tag", LONG_AGO, 2, {other, batch}) is None
        assert await batches.find("another", LONG_AGO, 7, {other}) is None
        ahead = server.batch.batches[batch].at.timestamp() + 3_600.0
        assert await batches.find("tag", ahead, 2, set()) is None

    async def test_a_batch_that_is_gone_has_no_results(self, server: ModelServer, provider: Remote) -> None:
        batches = provider.batches()
        assert (await batches.poll("batch-of-long-ago")).ended
        assert await collected(batches, "batch-of-long-ago") == {}

    async def test_a_broken_connection_is_an_outage(self, server: ModelServer, provider: Remote) -> None:
        server.batch.drop_after = 1
        batches = provider.batches()
        with pytest.raises((ProviderUnavailable, ProviderTimeout)) as caught:
            await batches.submit("tag", items("umbrella"))
        told(caught.value)
        assert len(server.batch.batches) == 1
        assert await batches.find("tag", LONG_AGO, 1, set()) is not None
