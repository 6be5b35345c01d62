"""The contract of providers, over every implementation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from adapters.models.anthropic import AnthropicProvider
from adapters.models.offline import Offline
from adapters.models.openai import OpenAIProvider
from adapters.models.scripted import Entry
from bot.errors import ProviderUnavailable
from bot.llm.provider import Chunk, Message, Prompt, Provider, Purpose, Role
from bot.llm.streams import closing
from bot.private import Private
from tests.contract.model_provider import AnswerContract, ProviderContract, Score, prompt
from tests.support.models import rigs
from tests.support.models.rigs import Rig


class TestAnthropic(ProviderContract):
    @pytest.fixture
    def rig(self, monkeypatch: pytest.MonkeyPatch) -> Rig:
        return rigs.remote(lambda timeouts: AnthropicProvider(timeouts=timeouts), monkeypatch)


class TestOpenAI(ProviderContract):
    @pytest.fixture
    def rig(self, monkeypatch: pytest.MonkeyPatch) -> Rig:
        return rigs.remote(lambda timeouts: OpenAIProvider(timeouts=timeouts), monkeypatch)


class TestScripted(ProviderContract):
    @pytest.fixture
    def rig(self) -> Rig:
        return rigs.scripted


class TestResilient(ProviderContract):
    @pytest.fixture
    def rig(self) -> Rig:
        return rigs.resilient


class TestBudgeted(ProviderContract):
    @pytest.fixture
    def rig(self) -> Rig:
        return rigs.budgeted


class TestOffline(AnswerContract):
    @pytest.fixture
    def rig(self) -> Rig:
        @asynccontextmanager
        async def offline(entries: Sequence[Entry], total: float) -> AsyncIterator[Provider]:
            yield Offline()

        return offline

    async def test_streams_the_first_line_and_then_the_rest(self) -> None:
        text = "Take the earlier train. It is quieter.\n\nAnd bring a book.\n\nOr two."
        asked = replace(prompt(), fallback=Private(text))
        async with closing(Offline().stream(asked)) as pieces:
            shown = [piece.text.reveal() async for piece in pieces if isinstance(piece, Chunk)]
        assert shown == [
            "Take the earlier train. It is quieter.\n\n",
            "And bring a book.\n\nOr two.",
        ]

    async def test_has_nobody_to_judge(self) -> None:
        with pytest.raises(ProviderUnavailable, match="no model"):
            await Offline().structured(prompt(), Score)

    async def test_says_nothing_of_its_own(self) -> None:
        bare = Prompt(Purpose.ANSWER, "Be kind.", (Message(Role.USER, Private("Hello.")),))
        with pytest.raises(ProviderUnavailable, match="only shows templates"):
            await Offline().complete(bare)
