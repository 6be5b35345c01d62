"""A model that repeats all it is given and keeps it, so that tests can look for words in what was sent to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar, cast

from bot.errors import MalformedReply
from bot.llm import Chunk, Prompt, Reply, Structured, Usage
from bot.private import Private
from bot.raise_core.agent.model_reading import ReadReply

T = TypeVar("T")


class Echo:
    """A Provider. ``reads`` is what it reads in every reply (None: nothing it could say in the right form). While
    ``open`` is not set, calls wait after ``reached`` was."""

    name = "echo"

    def __init__(self, reads: ReadReply | None = None) -> None:
        self.prompts: list[str] = []
        self.reads = reads
        self.reached, self.open = asyncio.Event(), asyncio.Event()
        self.open.set()

    def close_gate(self) -> None:
        self.reached.clear()
        self.open.clear()

    async def complete(self, prompt: Prompt) -> Reply:
        return Reply(Private(await self._heard(prompt)), self.name, Usage())

    async def structured(self, prompt: Prompt, shape: type[T]) -> Structured[T]:
        await self._heard(prompt)
        if self.reads is None:
            raise MalformedReply("this model cannot fill in forms")
        return Structured(cast("T", self.reads), self.name, Usage())

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        text = Private(await self._heard(prompt))
        yield Chunk(text)
        yield Reply(text, self.name, Usage())

    async def close(self) -> None:
        """Nothing is open."""

    async def _heard(self, prompt: Prompt) -> str:
        said = "\n".join(message.text.reveal() for message in prompt.messages)
        self.prompts.append(said)
        self.reached.set()
        await self.open.wait()
        return said
