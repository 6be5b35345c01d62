"""The models of the benchmark: one in this process that waits, and a server in a process of its own.

``python -m tests.support.bench.model LATENCY`` serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from bot.errors import MalformedReply
from bot.llm import Chunk, Prompt, Provider, Reply, Structured, Usage
from bot.llm.provider import Shape
from bot.llm.streams import closing
from bot.private import Private
from tests.support.models.server import ModelServer

WORDS: Final = "Take one small step today, and then rest."
waited: ContextVar[float] = ContextVar("waited", default=0.0)
"""Seconds that the provider itself took to its first piece, in the turn that runs."""


class Held:
    """A provider that keeps everybody waiting until ``people`` do, and then answers each after half to one and a
    half times ``seconds``; while ``people`` is 0, it answers at once."""

    name = "held"

    def __init__(self, seconds: float) -> None:
        self.people = 0
        self._seconds = seconds
        self._waiting: list[asyncio.Future[None]] = []
        self.peak = 0

    async def complete(self, prompt: Prompt) -> Reply:
        await self._wait()
        return _reply()

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        raise MalformedReply("this model cannot fill in forms")

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        await self._wait()
        for word in WORDS.split():
            yield Chunk(Private(f"{word} "))
        yield _reply()

    async def close(self) -> None:
        """Nothing is open."""

    async def _wait(self) -> None:
        if not self.people:
            return
        loop = asyncio.get_running_loop()
        mine = loop.create_future()
        self._waiting.append(mine)
        self.peak = max(self.peak, len(self._waiting))
        if len(self._waiting) == self.people:
            chance = random.Random(1)
            for each in self._waiting:
                loop.call_later(self._seconds * chance.uniform(0.5, 1.5), _answer, each)
        await mine


def _answer(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def _reply() -> Reply:
    return Reply(Private(WORDS), Held.name, Usage())


class Timed:
    """A provider whose own time to the first piece is noted in ``waited``. Whoever made ``provider`` closes it."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self.name = provider.name

    async def complete(self, prompt: Prompt) -> Reply:
        return await self._provider.complete(prompt)

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        return await self._provider.structured(prompt, shape)

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        began, first = time.perf_counter(), True
        async with closing(self._provider.stream(prompt)) as pieces:
            async for piece in pieces:
                if first:
                    first = False
                    waited.set(time.perf_counter() - began)
                yield piece

    async def close(self) -> None:
        await self._provider.close()


@contextmanager
def model_server(latency: float) -> Iterator[Mapping[str, str]]:
    """The variables by which an SDK finds a server that answers after ``latency`` seconds, in a process of its own."""
    command = [sys.executable, "-m", "tests.support.bench.model", str(latency)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield json.loads(server.stdout.readline())
        finally:
            server.stdin.close()


async def serve(latency: float) -> None:
    async with ModelServer(lambda call: WORDS, latency=latency) as server:
        print(json.dumps(server.environment), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
