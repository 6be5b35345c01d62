"""The contract of embedders, over every implementation."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adapters.embeddings.hashing import DIMENSIONS, HashingEmbedder
from adapters.embeddings.minilm import WEIGHTS, MiniLMEmbedder, check_weights
from adapters.embeddings.openai import BATCH, OpenAIEmbedder
from bot.errors import (
    MalformedReply,
    ProviderError,
    ProviderRateLimited,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
    SettingsError,
)
from bot.llm.embedder import Embedder
from tests.contract.embedder import EmbedderContract
from tests.support.embedding_server import EmbeddingServer

FOLDER = "RAISE_MINILM"
EXPECTED = [(25, 0.4298), (81, 0.3184), (206, 0.3184), (321, 0.3184)]


class TestHashing(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return HashingEmbedder()


@cache
def loaded() -> MiniLMEmbedder:
    """The weights are read once for all tests."""
    return MiniLMEmbedder(Path(os.environ[FOLDER]))


@pytest.mark.skipif(
    importlib.util.find_spec("sentence_transformers") is None or not Path(os.environ.get(FOLDER, "-")).is_dir(),
    reason=f"needs the extra 'minilm' and the folder of the model's weights in {FOLDER}",
)
class TestMiniLM(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return loaded()

    def test_refuses_other_weights(self) -> None:
        with pytest.raises(SettingsError, match="SHA-256"):
            MiniLMEmbedder(Path(os.environ[FOLDER]), expected="0" * 64)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        monkeypatch.setenv("OPENAI_API_KEY", "local-key")
        yield running


@pytest.fixture
def remote(server: EmbeddingServer) -> Iterator[OpenAIEmbedder]:
    embedder = OpenAIEmbedder("local", DIMENSIONS, timeout=10, retries=0)
    yield embedder
    embedder.close()


class TestOpenAI(EmbedderContract):
    @pytest.fixture
    def embedder(self, remote: OpenAIEmbedder) -> Embedder:
        return remote

    def test_asks_in_batches_and_leaves_blanks_out(self, server: EmbeddingServer, remote: OpenAIEmbedder) -> None:
        remote.embed(["", *(f"text {number}" for number in range(BATCH + 1)), " "])
        assert [len(batch) for batch in server.batches] == [BATCH, 1]

    @pytest.mark.parametrize(
        ("status", "error"),
        [
            (401, ProviderRejected),
            (404, ProviderRejected),
            (429, ProviderRateLimited),
            (503, ProviderUnavailable),
        ],
    )
    def test_tells_refusals_apart(
        self, server: EmbeddingServer, remote: OpenAIEmbedder, status: int, error: type[ProviderError]
    ) -> None:
        server.status = status
        with pytest.raises(error) as caught:
            remote.embed(["my own words"])
        assert "my own words" not in str(caught.value)

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ([], "expected 1 embeddings"),
            ([{"index": 4, "embedding": [1.0] * DIMENSIONS}], "in order"),
            ([{"index": 0, "embedding": [1.0, 2.0]}], r"got \[2\]"),
            ([{"index": 0, "embedding": [0.0] * DIMENSIONS}], "finite length"),
        ],
    )
    def test_takes_no_half_answers(
        self, server: EmbeddingServer, remote: OpenAIEmbedder, data: list[dict[str, Any]], message: str
    ) -> None:
        server.spoil = lambda answer: {**answer, "data": data}
        with pytest.raises((MalformedReply, ProviderError), match=message):
            remote.embed(["a text"])

    def test_gives_up_on_a_silent_server(self, server: EmbeddingServer) -> None:
        server.silent = True
        embedder = OpenAIEmbedder("local", DIMENSIONS, timeout=0.2, retries=0)
        with pytest.raises(ProviderTimeout):
            embedder.embed(["a text"])
        embedder.close()

    def test_says_when_nobody_is_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "local-key")
        embedder = OpenAIEmbedder("local", DIMENSIONS, timeout=5, retries=0)
        with pytest.raises(ProviderUnavailable, match="OPENAI_BASE_URL"):
            embedder.embed(["a text"])
        embedder.close()

    def test_wants_a_key(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("OPENAI_API_KEY", raising=False)
        with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
            OpenAIEmbedder()

    def test_wants_the_dimensions_of_a_model_it_does_not_know(self) -> None:
        with pytest.raises(SettingsError, match="dimensions"):
            OpenAIEmbedder("local")


def test_hashing_is_the_same_on_every_machine() -> None:
    """A change here means another name than hashing-3: stored vectors would silently mean something else."""
    row = HashingEmbedder().embed(["Hello there, old friend. Hello!"])[0]
    strongest = np.argsort(-np.abs(row), kind="stable")[:4]
    assert [(int(place), round(float(row[place]), 4)) for place in strongest] == EXPECTED


@pytest.mark.skipif(importlib.util.find_spec("sentence_transformers") is not None, reason="the extra is installed")
def test_minilm_says_what_is_missing() -> None:
    with pytest.raises(SettingsError, match=r"raise-bot\[minilm\]"):
        MiniLMEmbedder()


def test_minilm_checks_what_it_loads(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="found none"):
        check_weights(tmp_path, "0" * 64)
    (tmp_path / WEIGHTS).write_bytes(b"weights")
    with pytest.raises(SettingsError, match="expected 000"):
        check_weights(tmp_path, "0" * 64)
    check_weights(tmp_path, hashlib.sha256(b"weights").hexdigest())
