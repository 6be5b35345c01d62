"""Several providers behind one: retry, circuit breaker, fallback order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from adapters.models.breaker import Breaker
from bot.clock import Clock, Seconds
from bot.errors import (
    BudgetExceeded,
    MalformedReply,
    ProviderError,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnavailable,
)
from bot.llm.provider import Chunk, Prompt, Provider, Purpose, Reply, Shape, Structured
from bot.llm.streams import Pieces, closing

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failed attempt, for logs and metrics; ``wait`` in seconds before the next one, None when there is none."""

    provider: str
    purpose: Purpose
    error: ProviderError
    wait: Seconds | None


@dataclass(frozen=True, slots=True)
class Patience:
    """How hard to try.

    ``attempts`` per provider; between them ``first_wait * 2**n`` up to ``longest_wait`` seconds, jittered, or what
    Retry-After asks when that is not longer (when it is, the provider is left alone until then). ``before_fallback``:
    seconds shared out among all providers but the last, so that the last one still answers within the turn.
    ``failures`` in a row open a provider's circuit for ``cooldown`` seconds."""

    attempts: int = 3
    first_wait: Seconds = 0.5
    longest_wait: Seconds = 8.0
    before_fallback: Seconds = 30.0
    failures: int = 5
    cooldown: Seconds = 30.0


DEFAULT_PATIENCE: Final = Patience()


@dataclass(frozen=True, slots=True)
class _Guarded:
    provider: Provider
    breaker: Breaker


@dataclass(frozen=True, slots=True)
class _Opened:
    """A stream whose first piece is there: from here on nothing is replayed."""

    first: Chunk | Reply
    rest: Pieces
    breaker: Breaker
    stack: AsyncExitStack


class Resilient:
    """Asks the providers in order until one answers. Only before the first chunk of a stream is anything repeated:
    a stream that breaks later raises, and the caller says that it was broken off.

    A rejected request and a structured reply that stayed malformed are not retried; the former goes on to the next
    provider, the latter is raised at once (a second opinion would be a second price). All of it happens within the
    caller's deadline: CancelledError passes through."""

    def __init__(
        self,
        providers: Sequence[Provider],
        clock: Clock,
        patience: Patience = DEFAULT_PATIENCE,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
        observe: Callable[[Trouble], None] = lambda trouble: None,
    ) -> None:
        """``chance`` gives numbers in [0, 1) for the jitter. Raises ValueError without providers."""
        if not providers:
            raise ValueError("expected at least one provider, got none")
        self._guarded = tuple(
            _Guarded(provider, Breaker(clock, patience.failures, patience.cooldown)) for provider in providers
        )
        self._patience = patience
        self._sleep = sleep
        self._chance = chance
        self._observe = observe

    @property
    def name(self) -> str:
        return self._guarded[0].provider.name

    async def complete(self, prompt: Prompt) -> Reply:
        return await self._first(prompt.purpose, lambda guarded: guarded.provider.complete(prompt))

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        return await self._first(
            prompt.purpose, lambda guarded: guarded.provider.structured(prompt, shape), judging=True
        )

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        opened = await self._first(prompt.purpose, lambda guarded: _open(guarded, prompt))
        async with opened.stack:
            yield opened.first
            try:
                async for piece in opened.rest:
                    yield piece
            except ProviderError:
                opened.breaker.failed()
                raise

    async def close(self) -> None:
        """Closes every provider, even when one of them fails to."""
        async with AsyncExitStack() as stack:
            for guarded in self._guarded:
                stack.push_async_callback(guarded.provider.close)

    async def _first(self, purpose: Purpose, call: Callable[[_Guarded], Awaitable[T]], *, judging: bool = False) -> T:
        """The first answer that a provider gives. Raises the only failure, or one that names them all."""
        failures: list[tuple[str, ProviderError]] = []
        end = asyncio.get_running_loop().time() + self._patience.before_fallback
        for place, guarded in enumerate(self._guarded):
            behind = len(self._guarded) - place - 1
            try:
                async with asyncio.timeout(self._share(end, behind)):
                    return await self._retried(guarded, purpose, call)
            except BudgetExceeded:
                raise
            except TimeoutError:
                guarded.breaker.failed()
                failures.append((guarded.provider.name, _too_slow(guarded.provider.name)))
            except ProviderError as error:
                if judging and isinstance(error, MalformedReply):
                    raise
                failures.append((guarded.provider.name, error))
        raise _together(failures)

    def _share(self, end: Seconds, behind: int) -> Seconds | None:
        """Seconds for this provider: an equal part of what is left, none taken from the last one."""
        if not behind:
            return None
        return max(0.0, end - asyncio.get_running_loop().time()) / behind

    async def _retried(self, guarded: _Guarded, purpose: Purpose, call: Callable[[_Guarded], Awaitable[T]]) -> T:
        def tell(state: RetryCallState) -> None:
            self._observe(Trouble(guarded.provider.name, purpose, _error_of(state), state.upcoming_sleep))

        retrying = AsyncRetrying(
            sleep=self._sleep,
            stop=stop_after_attempt(self._patience.attempts),
            wait=self._wait,
            retry=retry_if_exception(self._worth_retrying),
            before_sleep=tell,
            reraise=True,
        )
        try:
            return await retrying(self._guarded_call, guarded, call)
        except ProviderError as error:
            self._observe(Trouble(guarded.provider.name, purpose, error, None))
            raise

    async def _guarded_call(self, guarded: _Guarded, call: Callable[[_Guarded], Awaitable[T]]) -> T:
        provider, breaker = guarded.provider, guarded.breaker
        if not breaker.admit():
            raise _CircuitOpen(
                f"{provider.name} failed several times in a row and is left alone for {breaker.wait:.0f} s more."
            )
        try:
            answer = await call(guarded)
        except ProviderRateLimited as error:
            if self._too_long(error):
                breaker.hold(error.retry_after or 0.0)
            else:
                breaker.failed()
            raise
        except (ProviderTimeout, ProviderUnavailable):
            breaker.failed()
            raise
        except BaseException:
            # Refused for its content, malformed, over the budget, cancelled: none of it tells how the provider is.
            breaker.released()
            raise
        breaker.succeeded()
        return answer

    def _worth_retrying(self, error: BaseException) -> bool:
        match error:
            case ProviderRateLimited():
                return not self._too_long(error)
            case _CircuitOpen():
                return False
            case ProviderUnavailable():
                return True
        return False

    def _too_long(self, error: ProviderRateLimited) -> bool:
        return (error.retry_after or 0.0) > self._patience.longest_wait

    def _wait(self, state: RetryCallState) -> Seconds:
        error = _error_of(state)
        if isinstance(error, ProviderRateLimited) and error.retry_after is not None:
            return error.retry_after
        longest = min(self._patience.longest_wait, self._patience.first_wait * 2.0 ** (state.attempt_number - 1))
        return longest * (0.5 + 0.5 * self._chance())


class _CircuitOpen(ProviderUnavailable):
    """Nobody was asked."""


async def _open(guarded: _Guarded, prompt: Prompt) -> _Opened:
    async with AsyncExitStack() as stack:
        pieces = await stack.enter_async_context(closing(guarded.provider.stream(prompt)))
        first = await anext(pieces, None)
        if first is None:
            raise ProviderUnavailable(f"{guarded.provider.name} ended its stream before it began. Ask again.")
        return _Opened(first, pieces, guarded.breaker, stack.pop_all())


def _error_of(state: RetryCallState) -> ProviderError:
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, ProviderError):
        raise TypeError(f"only ProviderError is retried, got {type(error).__name__}")
    return error


def _too_slow(name: str) -> ProviderTimeout:
    return ProviderTimeout(f"{name} did not answer in its share of the turn.")


def _together(failures: list[tuple[str, ProviderError]]) -> ProviderError:
    if len(failures) == 1:
        return failures[0][1]
    return ProviderUnavailable("no provider answered. " + " ".join(f"[{name}] {error}" for name, error in failures))
