"""A few turns after the other go on where many could at once, so that the event loop stays free for what comes in.

Everything that wakes in one pass of the loop runs before the loop looks at its sockets again: a thousand turns that a
model answers in the same moment would keep a crisis waiting for as long as all of them take. Behind a turnstile only
those go on that a slice of time lets in, then one with each pass. What arrives is screened, and answered if it is a
crisis, outside of it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Final

from bot.clock import Seconds
from bot.conversation.engine import Steps, TurnWork
from bot.llm import Chunk, Prompt, Provider, Reply, Structured
from bot.llm.provider import Shape
from bot.llm.streams import closing

_SLICE: Final[Seconds] = 0.005
"""How long turns may come through within one pass of the loop: some ten of them."""


class Turnstile:
    """Used from one event loop. ``under_way`` counts the turns that are."""

    def __init__(self, slice_of_time: Seconds = _SLICE) -> None:
        """``slice_of_time``: 0 lets one through with each pass."""
        self.under_way = 0
        self._slice = slice_of_time
        self._until: Seconds | None = None
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def through(self) -> None:
        """Return in a pass of the loop whose slice of time is not used up, in the order of coming."""
        loop = asyncio.get_running_loop()
        if self._until is None:
            self._until = loop.time() + self._slice
            loop.call_soon(self._next)
            return
        if not self._waiting and loop.time() < self._until:
            return
        place = loop.create_future()
        self._waiting.append(place)
        await place

    def quiet(self) -> bool:
        """Whether no turn is under way."""
        return not self.under_way

    def _next(self) -> None:
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():  # else whoever waited was cancelled
                place.set_result(None)
                asyncio.get_running_loop().call_soon(self._next)
                return
        self._until = None


def one_by_one(work: TurnWork, turnstile: Turnstile) -> TurnWork:
    """The same work, begun one turn after the other."""

    async def run(turn_id: str, steps: Steps) -> None:
        turnstile.under_way += 1
        try:
            await turnstile.through()
            await work(turn_id, steps)
        finally:
            turnstile.under_way -= 1

    return run


class OneByOne:
    """A provider whose answers go on one after the other; the pieces of a stream after its first one as they come.
    Whoever made ``provider`` closes it."""

    def __init__(self, provider: Provider, turnstile: Turnstile, far: Callable[[Prompt], bool]) -> None:
        """``far``: whether a prompt's answer is waited for. A stream that is not goes on as it comes."""
        self._provider = provider
        self._turnstile = turnstile
        self._far = far

    @property
    def name(self) -> str:
        return self._provider.name

    async def complete(self, prompt: Prompt) -> Reply:
        reply = await self._provider.complete(prompt)
        await self._turnstile.through()
        return reply

    def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        return self._paced(prompt) if self._far(prompt) else self._provider.stream(prompt)

    async def _paced(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        begun = False
        async with closing(self._provider.stream(prompt)) as pieces:
            async for piece in pieces:
                if not begun:
                    begun = True
                    await self._turnstile.through()
                yield piece

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        answer = await self._provider.structured(prompt, shape)
        await self._turnstile.through()
        return answer

    async def close(self) -> None:
        """Nothing of its own is open."""
