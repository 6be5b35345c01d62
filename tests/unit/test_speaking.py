"""Saying things: what becomes of a model's stream when its reader has all it needs."""

import asyncio
from collections.abc import AsyncIterator

from bot.assembly.measuring import Sink
from bot.chat import Answer, Outbound
from bot.conversation.speaking import Speaker
from bot.identity import DIRECT, Person
from bot.llm import Chunk, Prompt, Purpose, Reply, Usage
from bot.llm.provider import Shape, Structured
from bot.private import Private

HEAD = Outbound("m", Person("bench", "w", "ann"), DIRECT, Answer(Private(""), (), (), None, ""), "t")


class Lasting:
    """A provider that gives its whole reply and then keeps the connection."""

    name = "lasting"

    def __init__(self) -> None:
        self.open = 0

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        self.open += 1
        try:
            yield Chunk(Private("One small step."))
            yield Reply(Private("One small step."), "lasting-1", Usage())
            await asyncio.Event().wait()
        finally:
            self.open -= 1

    async def complete(self, prompt: Prompt) -> Reply:
        raise AssertionError("an answer is streamed")

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        raise AssertionError("an answer is streamed")

    async def close(self) -> None:
        """Nothing else is open."""


async def test_a_stream_is_let_go_as_soon_as_its_reply_is_there() -> None:
    provider, speaker = Lasting(), Speaker({"bench": Sink()})
    prompt = Prompt(Purpose.ANSWER, "Answer.", ())
    written = await speaker.write(HEAD, prompt, provider, asyncio.get_running_loop().time() + 30, "")
    assert written.answer.text.reveal() == "One small step."
    assert provider.open == 0
