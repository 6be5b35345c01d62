"""The budget of a turn or a job: how many calls, tokens and dollars its models may use."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from typing import Final

from bot.errors import BudgetExceeded, ProviderRateLimited, ProviderRejected, ProviderUnavailable
from bot.frozen import dataclass
from bot.llm.provider import Chunk, Prompt, Provider, Purpose, Reply, Shape, Structured, Usage
from bot.llm.streams import closing

_UNBILLED: Final = (ProviderRateLimited, ProviderRejected, ProviderUnavailable)


@dataclass(frozen=True, slots=True)
class Limits:
    """None: no limit. ``tokens`` are input and output together; ``usd`` needs models that have a price."""

    calls: int | None = None
    tokens: int | None = None
    usd: float | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """``unpriced`` counts the calls whose price is not known: they are missing from ``usd``."""

    calls: int = 0
    tokens: int = 0
    usd: float = 0.0
    unpriced: int = 0

    def after(self, usage: Usage) -> Spent:
        return Spent(
            self.calls + usage.calls,
            self.tokens + usage.input_tokens + usage.output_tokens,
            self.usd + (usage.usd or 0.0),
            self.unpriced + (usage.usd is None and usage.calls > 0),
        )


@dataclass(slots=True, eq=False)
class Hold:
    """A call under way: what it may use at most, and what it did use once that is known."""

    purpose: Purpose
    tokens: int
    usd: float
    usage: Usage | None = None

    @property
    def worst(self) -> Usage:
        """What is counted when a call broke off and nobody says what it cost."""
        return Usage(input_tokens=self.tokens, usd=self.usd)


class Budget:
    """Counts what is used and refuses the call that could go over.

    Tokens are reserved before a call (the prompt's estimate and its ``max_tokens``), dollars as the dearest call of its
    purpose so far, so that calls side by side stay within the limits too. A repair counts when it has been made."""

    def __init__(self, limits: Limits, dearest: float = 0.0) -> None:
        """``dearest``: what a call is thought to cost (US dollars) until one of its purpose has shown it."""
        self.limits = limits
        self._spent: dict[Purpose, Spent] = {}
        self._total = Spent()
        self._guess = dearest
        self._dearest: dict[Purpose, float] = {}
        self._held: set[Hold] = set()

    @property
    def spent(self) -> Spent:
        return self._total

    @property
    def by_purpose(self) -> Mapping[Purpose, Spent]:
        return MappingProxyType(self._spent)

    def hold(self, prompt: Prompt) -> _Holding:
        """Reserve a call for the length of the block; set ``usage`` inside it. Raises BudgetExceeded before it.

        A call that ends without usage counts as the worst case, unless its error says that it was not served."""
        return _Holding(self, Hold(prompt.purpose, estimate(prompt), self._usd(prompt.purpose)))

    def reserve(self, held: Hold) -> None:
        """Raises BudgetExceeded."""
        self._refuse_excess(held)
        self._held.add(held)

    def settle(self, held: Hold) -> None:
        """The call ended."""
        self._held.discard(held)
        self._count(held.purpose, held.usage or held.worst)

    def _refuse_excess(self, held: Hold) -> None:
        limits, spent = self.limits, self._total
        calls = spent.calls + len(self._held) + 1
        if limits.calls is not None and calls > limits.calls:
            raise _exceeded(held.purpose, f"call {calls} of at most {limits.calls}")
        tokens = spent.tokens + held.tokens + sum(other.tokens for other in self._held)
        if limits.tokens is not None and tokens > limits.tokens:
            raise _exceeded(held.purpose, f"up to {tokens} tokens of at most {limits.tokens}")
        if limits.usd is None:
            return
        if spent.unpriced:
            raise _exceeded(held.purpose, f"{spent.unpriced} calls have no known price: list the model's price")
        usd = spent.usd + held.usd + sum(other.usd for other in self._held)
        if usd > limits.usd or (held.usd == 0.0 and usd >= limits.usd):
            raise _exceeded(held.purpose, f"about ${usd:.4f} of at most ${limits.usd:.4f}")

    def _count(self, purpose: Purpose, usage: Usage) -> None:
        self._total = self._total.after(usage)
        self._spent[purpose] = self._spent.get(purpose, Spent()).after(usage)
        if usage.usd:
            self._dearest[purpose] = max(self._dearest.get(purpose, 0.0), usage.usd)

    def _usd(self, purpose: Purpose) -> float:
        known = self._dearest.get(purpose)
        return max((self._guess, *self._dearest.values())) if known is None else known


class _Holding:
    """The block in which a call is held."""

    __slots__ = ("_budget", "_held")

    def __init__(self, budget: Budget, held: Hold) -> None:
        self._budget, self._held = budget, held

    def __enter__(self) -> Hold:
        self._budget.reserve(self._held)
        return self._held

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, _UNBILLED) and self._held.usage is None:
            self._held.usage = Usage(usd=0.0)
        self._budget.settle(self._held)


class Budgeted:
    """A provider within a budget. It does not close the provider, which outlives the turn or job."""

    def __init__(self, provider: Provider, budget: Budget) -> None:
        self._provider = provider
        self._budget = budget

    @property
    def name(self) -> str:
        return self._provider.name

    async def complete(self, prompt: Prompt) -> Reply:
        with self._budget.hold(prompt) as held:
            reply = await self._provider.complete(prompt)
            held.usage = reply.usage
            return reply

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        with self._budget.hold(prompt) as held:
            async with closing(self._provider.stream(prompt)) as pieces:
                async for piece in pieces:
                    # From the first chunk on the provider bills, whatever becomes of the stream.
                    if isinstance(piece, Reply):
                        held.usage = piece.usage
                    elif held.usage is None:
                        held.usage = held.worst
                    yield piece

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        with self._budget.hold(prompt) as held:
            answer = await self._provider.structured(prompt, shape)
            held.usage = answer.usage
            return answer

    async def close(self) -> None:
        """Nothing to let go: whoever made the provider closes it."""


def estimate(prompt: Prompt) -> int:
    """Tokens that a call may use at most, on the safe side."""
    texts = (prompt.system, *(message.text.reveal() for message in prompt.messages))
    return sum(map(tokens_in, texts)) + prompt.max_tokens


def tokens_in(text: str) -> int:
    """About three bytes of UTF-8 a token: more than any current tokenizer makes of ordinary text."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // 3)


def _exceeded(purpose: Purpose, what: str) -> BudgetExceeded:
    return BudgetExceeded(f"the budget does not allow this {purpose} call: {what}. Raise the limit or end the job.")
