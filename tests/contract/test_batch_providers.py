"""The contract of batch providers, over every implementation."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.models.anthropic import AnthropicProvider
from adapters.models.openai import OpenAIProvider
from adapters.models.remote import Remote
from bot.errors import ProviderRejected
from bot.llm.batches import BatchRefused
from tests.contract.batch_provider import BatchContract, items
from tests.support.models.server import ModelServer


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModelServer]:
    async with ModelServer() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


class TestAnthropic(BatchContract):
    @pytest.fixture
    async def provider(self, server: ModelServer) -> AsyncIterator[Remote]:
        provider = AnthropicProvider()
        yield provider
        await provider.close()


class TestOpenAI(BatchContract):
    @pytest.fixture
    async def provider(self, server: ModelServer) -> AsyncIterator[Remote]:
        provider = OpenAIProvider()
        yield provider
        await provider.close()

    async def test_a_batch_may_be_refused_after_it_was_taken(self, server: ModelServer, provider: Remote) -> None:
        server.batch.refuse = "token_limit_exceeded"
        batches = provider.batches()
        batch = await batches.submit("tag", items("one"))
        with pytest.raises(BatchRefused, match="token_limit_exceeded"):
            await batches.poll(batch)

    async def test_a_server_without_batches_says_so(
        self, server: ModelServer, provider: Remote, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/elsewhere")
        elsewhere = OpenAIProvider()
        with pytest.raises(ProviderRejected, match="takes no batches"):
            await elsewhere.batches().submit("tag", items("one"))
        await elsewhere.close()
