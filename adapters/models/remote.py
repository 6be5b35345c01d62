"""What the providers behind a socket have in common: time-outs, errors, learning a server's dialect, costs."""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Final

from adapters.models.dialect import Dialect, OutOfTokens, Refused, Words, blamed_in, learn
from bot.errors import (
    MalformedReply,
    ProviderDeclined,
    ProviderError,
    ProviderRateLimited,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
)
from bot.llm.batches import BatchProvider
from bot.llm.budget import estimate, tokens_in
from bot.llm.prices import Prices, cost
from bot.llm.provider import Chunk, Prompt, Purpose, Reply, Shape, Structured, Usage
from bot.llm.structured import Schema, ask_structured
from bot.private import Private

THINKING_ROOM: Final = 4096
"""Tokens on top of ``max_tokens`` for models that think before they answer."""

_IDENTIFIER: Final = re.compile(r"[\w.:-]{1,80}")
_NO_CREDIT: Final = frozenset({"insufficient_quota", "billing_error", "billing_not_active"})
_KINDS: Final = {"overloaded_error": 529, "api_error": 500, "rate_limit_error": 429, "timeout_error": 504}


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. ``chunk`` is the longest silence within a stream; ``total`` bounds every request, streamed or not."""

    connect: float = 5.0
    chunk: float = 30.0
    total: float = 120.0


DEFAULT_TIMEOUTS: Final = Timeouts()


@dataclass(frozen=True, slots=True)
class ModelNames:
    """Which model serves which purpose."""

    default: str
    by_purpose: Mapping[Purpose, str] = field(default_factory=dict)

    def of(self, purpose: Purpose) -> str:
        return self.by_purpose.get(purpose, self.default)


@dataclass(frozen=True, slots=True)
class Server:
    """Who is asked, for messages to operators: the variable that holds the key, never the key."""

    title: str
    key_variable: str
    host: str


@dataclass(frozen=True, slots=True)
class Failure:
    """What an SDK's error says, without its text. ``status`` is HTTP's; 200 for an error inside a stream."""

    status: int
    code: str = ""
    request_id: str = ""
    retry_after: float | None = None
    text: str = field(default="", repr=False)


class Remote(ABC):
    """A provider behind a socket. Subclasses translate; this class keeps the promises of the port."""

    def __init__(
        self, server: Server, models: ModelNames, dialect: Dialect, words: Words, timeouts: Timeouts, prices: Prices
    ) -> None:
        self._server = server
        self._models = models
        self._first_dialect = dialect
        self._words = words
        self._timeouts = timeouts
        self._prices = prices
        self._dialects: dict[str, Dialect] = {}

    @property
    def name(self) -> str:
        return self._models.default

    @property
    def host(self) -> str:
        return self._server.host

    async def complete(self, prompt: Prompt) -> Reply:
        return await self._ask(prompt, None)

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        return await ask_structured(self._ask, prompt, shape)

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        shown = False
        while True:
            sent = self._dialect(prompt)
            try:
                async with aclosing(self._paced(prompt, sent)) as pieces:
                    async for piece in pieces:
                        shown = True
                        yield piece
                return
            except ProviderError as problem:
                if shown or not self._learned(prompt, sent, problem):
                    raise

    @abstractmethod
    def batches(self) -> BatchProvider:
        """Its batches, which live no longer than it does."""

    @abstractmethod
    async def close(self) -> None: ...

    @abstractmethod
    async def _request(self, prompt: Prompt, schema: Schema | None, dialect: Dialect) -> Reply:
        """One request without streaming; raises what the SDK raises."""

    @abstractmethod
    def _pieces(self, prompt: Prompt, dialect: Dialect) -> AsyncGenerator[Chunk | Reply, None]:
        """One streamed request; raises what the SDK raises."""

    @abstractmethod
    def _failure(self, error: Exception) -> Failure | ProviderError | None:
        """What an error of the SDK means; None for an error that is not the SDK's."""

    async def _ask(self, prompt: Prompt, schema: Schema | None) -> Reply:
        while True:
            sent = self._dialect(prompt)
            try:
                with self.explained(self._models.of(prompt.purpose)):
                    async with asyncio.timeout(self._timeouts.total):
                        return await self._request(prompt, schema, sent)
            except ProviderError as problem:
                if not self._learned(prompt, sent, problem):
                    raise

    async def _paced(self, prompt: Prompt, dialect: Dialect) -> AsyncGenerator[Chunk | Reply, None]:
        """The pieces, each within the time-outs. A time-out is never held open across a yield: it would cancel the
        reader instead of the request."""
        end = asyncio.get_running_loop().time() + self._timeouts.total
        async with aclosing(self._pieces(prompt, dialect)) as pieces:
            while True:
                with self.explained(self._models.of(prompt.purpose)):
                    async with asyncio.timeout_at(end):
                        piece = await anext(pieces, None)
                if piece is None:
                    return
                yield piece

    def _dialect(self, prompt: Prompt) -> Dialect:
        return self._dialects.get(self._models.of(prompt.purpose), self._first_dialect)

    def _learned(self, prompt: Prompt, sent: Dialect, problem: ProviderError) -> bool:
        better = learn(sent, self._dialect(prompt), problem)
        if better is None:
            return False
        self._dialects[self._models.of(prompt.purpose)] = better
        return True

    def _reply(
        self, prompt: Prompt | None, text: str, model: str, usage: tuple[int, int] | None, stop: str, share: float = 1.0
    ) -> Reply:
        """``stop``: ``end``, ``length`` or ``refusal``. ``share`` of the price is paid. Servers that do not count
        tokens are estimated, what was read only where the prompt is known."""
        if stop == "refusal":
            raise ProviderDeclined(f"{model} declined to answer. Ask differently, or answer from a template.")
        if not text.strip():
            kind = OutOfTokens if stop == "length" else MalformedReply
            raise kind(f"{model} at {self._server.host} ended without a word (stopped by {stop}): expected text.")
        used = usage or (0 if prompt is None else estimate(prompt) - prompt.max_tokens, tokens_in(text))
        usd = cost(self._prices, model, *used)
        paid = None if usd is None else usd * share
        return Reply(Private(text), model, Usage(*used, usd=paid), complete=stop == "end")

    def _cut_off(self, model: str) -> ProviderUnavailable:
        return ProviderUnavailable(f"{model} at {self._server.host} broke off its reply before the end. Ask again.")

    @contextmanager
    def explained(self, model: str) -> Iterator[None]:
        """Let nothing but ProviderError out. The cause is dropped on purpose: SDK errors quote requests."""
        try:
            yield
        except ProviderError:
            raise
        except TimeoutError:
            raise self._too_late(model) from None
        except Exception as error:
            problem = self._problem(error, model)
            if problem is None:
                raise
            raise problem from None

    def _problem(self, error: Exception, model: str) -> ProviderError | None:
        match self._failure(error):
            case Failure() as failure:
                return self.refusal(failure, model)
            case ProviderError() as problem:
                return problem
            case None if isinstance(error, ValueError | TypeError | AttributeError | LookupError):
                # The SDKs build their objects without checking them: garbage shows when it is read.
                return MalformedReply(
                    f"{self._server.host} answered with something that is not {self._server.title}'s wire form "
                    f"({type(error).__name__}). Is the base URL right?"
                )
        return None

    def _too_late(self, model: str) -> ProviderTimeout:
        return ProviderTimeout(
            f"{model} at {self._server.host} did not finish "
            f"within {self._timeouts.total:g} s. Raise the time-out or choose a faster model."
        )

    def refusal(self, failure: Failure, model: str) -> ProviderError:
        """What a failure means for whoever asked."""
        status = _KINDS.get(failure.code, failure.status) if failure.status == 200 else failure.status
        seen = ", ".join((f"HTTP {failure.status}", *filter(_IDENTIFIER.fullmatch, (failure.code, failure.request_id))))
        server = self._server
        match status:
            case 401 | 403:
                return ProviderRejected(
                    f"{server.key_variable} was refused: {server.host} answered {seen}. Check the key and its rights."
                )
            case 402 | 429 if status == 402 or failure.code in _NO_CREDIT:
                return ProviderRejected(f"{server.title}'s account has no credit left ({seen}). Add credit or a limit.")
            case 404:
                return ProviderRejected(f"{server.host} does not know the model {model} ({seen}). Check its name.")
            case 429:
                return ProviderRateLimited(f"{server.host} asks to wait ({seen}).", failure.retry_after)
            case 408 | 504:
                return ProviderTimeout(f"{model} did not answer {server.host} in time ({seen}).")
            case 409 | 200:
                return ProviderUnavailable(f"{server.host} failed on {model} ({seen}). Ask again.")
            case _ if status >= 500:
                return ProviderUnavailable(f"{server.host} is down or overloaded ({seen}).")
        return Refused(
            f"{server.host} refused the request to {model} ({seen}). Look it up in {server.title}'s console or log.",
            blamed_in(failure.text, self._words),
        )
