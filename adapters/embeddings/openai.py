"""Embeddings of OpenAI, or of a local server that speaks its wire form (``OPENAI_BASE_URL``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import httpx2
import numpy as np
import openai
from openai.types import CreateEmbeddingResponse

from bot.errors import (
    MalformedReply,
    ProviderError,
    ProviderRateLimited,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
    SettingsError,
)
from bot.llm.embedder import Vectors

MODEL: Final = "text-embedding-3-small"
BATCH: Final = 256
"""Texts a request; the API takes 2,048 (API reference, embeddings)."""
LONGEST_TEXT: Final = 8_000
"""Characters of one text: below the API's 8,192 tokens in every language that uses at least a character a token."""
_KNOWN: Final = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072}
_CONNECT: Final = 5.0
_SERVER_ERROR: Final = 500


class OpenAIEmbedder:
    """Sentences by meaning, from an API. Texts leave this machine: for planned queries rather than live messages."""

    def __init__(
        self, model: str = MODEL, dimensions: int | None = None, *, timeout: float = 30.0, retries: int = 2
    ) -> None:
        """``dimensions`` may be left out for OpenAI's own models. ``timeout`` in seconds for each request, ``retries``
        by the SDK. Raises SettingsError when no key is set or the dimensions are not known."""
        known = dimensions or _KNOWN.get(model)
        if known is None:
            raise SettingsError((f"the dimensions of embedding model {model!r} are not known; name them",))
        try:
            self._client = openai.OpenAI(timeout=httpx2.Timeout(timeout, connect=_CONNECT), max_retries=retries)
        except openai.OpenAIError:
            raise SettingsError(("OPENAI_API_KEY is not set (any word will do for a local server)",)) from None
        self._model = model
        self._dimensions = known

    @property
    def name(self) -> str:
        return f"openai-{self._model}-{self._dimensions}"

    @property
    def dimensions(self) -> int:
        return self._dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Raises ProviderError. Blank texts are not sent; their rows are zeros."""
        rows = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        filled = [place for place, text in enumerate(texts) if text.strip()]
        for start in range(0, len(filled), BATCH):
            batch = filled[start : start + BATCH]
            rows[batch] = self._asked([_sendable(texts[place]) for place in batch])
        return rows

    def close(self) -> None:
        self._client.close()

    def _asked(self, texts: list[str]) -> Vectors:
        try:
            reply = self._client.embeddings.create(input=texts, model=self._model, encoding_format="float")
        except openai.OpenAIError as error:
            raise _meant(error) from None
        return self._vectors(reply, len(texts))

    def _vectors(self, reply: CreateEmbeddingResponse, asked: int) -> Vectors:
        data = sorted(reply.data or (), key=lambda each: each.index)
        if [each.index for each in data] != list(range(asked)):
            raise MalformedReply(f"expected {asked} embeddings in order, got {len(data)}")
        sizes = {len(each.embedding) for each in data}
        if sizes != {self._dimensions}:
            raise MalformedReply(f"expected embeddings of {self._dimensions} numbers, got {sorted(sizes)}")
        rows = np.array([each.embedding for each in data], dtype=np.float32)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise MalformedReply("expected embeddings of finite length above 0")
        normed: Vectors = rows / lengths
        return normed


def _sendable(text: str) -> str:
    """Cut to length, and half characters (lone surrogates), which UTF-8 cannot carry, replaced."""
    return text[:LONGEST_TEXT].encode(errors="replace").decode()


def _meant(error: openai.OpenAIError) -> ProviderError:
    """The SDK's error in this project's words; never with the text that was sent."""
    match error:
        case openai.APITimeoutError():
            return ProviderTimeout("the embedding server did not answer in time; try again, or allow more time")
        case openai.RateLimitError():
            return ProviderRateLimited("the embedding server asks to wait")
        case openai.APIStatusError(status_code=status) if status >= _SERVER_ERROR:
            return ProviderUnavailable(f"the embedding server answered {status}; try again later")
        case openai.APIStatusError(status_code=status):
            return ProviderRejected(f"the embedding server refused with {status}; check key, model and base URL")
        case openai.APIConnectionError():
            return ProviderUnavailable("the embedding server cannot be reached; check OPENAI_BASE_URL")
        case _:
            return MalformedReply("the embedding server's answer could not be read")
