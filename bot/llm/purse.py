"""What one workspace may spend on models in a day (UTC): beyond it, answers are prepared texts until the next day."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from bot.errors import BudgetExceeded
from bot.llm.provider import Chunk, Prompt, Provider, Reply, Shape, Structured, Usage
from bot.llm.streams import closing


class Spent(Protocol):
    async def __call__(self, whose: str, usd: float) -> float:
        """Add to what was spent today; returns the sum. 0 reads it."""
        ...


class Pursed:
    """A provider that refuses (BudgetExceeded) once ``usd`` were spent today by whoever ``whose`` names; empty for
    nobody's calls, which are not counted. Calls under way when it is reached are let end, so a little more may be
    spent. Calls of models without a known price count nothing. Whoever made ``provider`` closes it."""

    def __init__(self, provider: Provider, usd: float, spent: Spent, whose: Callable[[], str]) -> None:
        self._provider, self._usd, self._spent, self._whose = provider, usd, spent, whose

    @property
    def name(self) -> str:
        return self._provider.name

    async def complete(self, prompt: Prompt) -> Reply:
        pay = await self._allowed()
        reply = await self._provider.complete(prompt)
        await pay(reply.usage)
        return reply

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        pay = await self._allowed()
        async with closing(self._provider.stream(prompt)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Reply):
                    await pay(piece.usage)
                yield piece

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        pay = await self._allowed()
        answer = await self._provider.structured(prompt, shape)
        await pay(answer.usage)
        return answer

    async def close(self) -> None:
        await self._provider.close()

    async def _allowed(self) -> Callable[[Usage], Awaitable[None]]:
        """How to pay for the call. Raises BudgetExceeded."""
        whose = self._whose()
        if whose and await self._spent(whose, 0.0) >= self._usd:
            raise BudgetExceeded(
                f"the workspace's budget of ${self._usd:g} for today is spent: answers are prepared texts until "
                "midnight UTC; raise RAISE_WORKSPACE_USD_PER_DAY for more"
            )

        async def pay(usage: Usage) -> None:
            if whose and usage.usd:
                await self._spent(whose, usage.usd)

        return pay
