"""What the core asks of a language model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from bot.frozen import dataclass
from bot.private import Private

Shape = TypeVar("Shape", bound=BaseModel)


class Role(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"


class Purpose(StrEnum):
    """Why a call is made: settings and budgets may choose another model per purpose."""

    ANSWER = "answer"
    EXTRACT = "extract"
    GENERATE = "generate"
    JUDGE = "judge"
    RANK = "rank"


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    text: Private[str]


@dataclass(frozen=True, slots=True)
class Prompt:
    """``system`` is ours (from code and policy, never text of a person); ``messages`` hold what people said.
    ``fallback`` is what the offline provider shows when no model is there (templates of the policy). ``model`` is the
    one the policy wants for this (``openai:gpt-5``); empty: the deployment's."""

    purpose: Purpose
    system: str
    messages: tuple[Message, ...]
    max_tokens: int = 1024
    temperature: float = 0.3
    fallback: Private[str] | None = None
    model: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as counted by the provider; ``usd`` by the price list of the settings, None where unknown.

    ``calls`` is how many requests it took: 2 when a structured reply had to be repaired, 0 when no model was asked."""

    input_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = None
    calls: int = 1

    def __add__(self, other: Usage) -> Usage:
        usd = None if self.usd is None or other.usd is None else self.usd + other.usd
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            usd,
            self.calls + other.calls,
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """``complete`` is False when the text was cut off (token limit): callers must not treat it as a whole."""

    text: Private[str]
    model: str
    usage: Usage
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a streamed reply, in order."""

    text: Private[str]


@dataclass(frozen=True, slots=True)
class Structured(Generic[Shape]):
    """A reply that was checked against its shape."""

    value: Shape
    model: str
    usage: Usage


class Provider(Protocol):
    """One model, or several behind one. Every method raises only errors of the ProviderError tree (and CancelledError).

    Each attempt has a finite time-out, given when the provider is made; the deadline of the whole turn belongs to the
    caller (``asyncio.timeout``)."""

    @property
    def name(self) -> str:
        """What is shown as the answer's model when nothing finer is known, e.g. ``offline``."""
        ...

    async def complete(self, prompt: Prompt) -> Reply: ...

    def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        """Chunks, then exactly one Reply with the whole text. A stream that ends early raises instead of the Reply."""
        ...

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        """A reply in ``shape``. Malformed output is repaired once (one more call), then MalformedReply is raised:
        nothing is ever picked out of free text."""
        ...

    async def close(self) -> None: ...
