"""No model at all: shows the template that the prompt carries, and says nothing of its own."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Final, NoReturn

from bot.errors import ProviderUnavailable
from bot.llm.provider import Chunk, Prompt, Reply, Shape, Structured, Usage
from bot.private import Private

NAME: Final = "offline"
_FIRST_LINE: Final = re.compile(r".+?(?:\n+|\Z)", re.DOTALL)


class Offline:
    """The provider without a model, last in every fallback order."""

    @property
    def name(self) -> str:
        return NAME

    async def complete(self, prompt: Prompt) -> Reply:
        """Raises ProviderUnavailable when the prompt has no template."""
        if prompt.fallback is None:
            self._nobody(prompt)
        return Reply(prompt.fallback, NAME, Usage(usd=0.0, calls=0))

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        reply = await self.complete(prompt)
        text = reply.text.reveal()
        begun = _FIRST_LINE.match(text)
        end = begun.end() if begun is not None else 0
        for part in (text[:end], text[end:]):  # nobody is thinking, so there is nothing to wait for
            if part:
                yield Chunk(Private(part))
        yield reply

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        """Always raises ProviderUnavailable: there is no model to judge."""
        self._nobody(prompt)

    async def close(self) -> None:
        """Nothing is open."""

    def _nobody(self, prompt: Prompt) -> NoReturn:
        raise ProviderUnavailable(
            f"no model answers this {prompt.purpose} call: the offline provider only shows templates. "
            "Choose a provider such as anthropic or openai."
        )
