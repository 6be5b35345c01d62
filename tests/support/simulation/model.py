"""A model that writes what a seed makes of it: some words, everything it was given, or nothing useful at all."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from enum import StrEnum
from typing import Final

from bot.errors import (
    MalformedReply,
    ProviderRateLimited,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
)
from bot.llm import Chunk, Prompt, Reply, Structured, Usage
from bot.llm.provider import Shape
from bot.llm.structured import Schema, ask_structured
from bot.private import Private
from bot.profile.attributes import BUCKETS
from tests.support.simulation.life import step

TIMEOUT: Final = 20.0
"""Seconds after which a request is given up, as a real provider's client does."""
WORDS: Final = "Thank you for telling me. Here is something you could try this week."


class Mood(StrEnum):
    """How the model is at the moment."""

    WELL = "well"
    SLOW = "slow"
    HANGS = "hangs"
    DOWN = "down"
    BUSY = "busy"
    REFUSES = "refuses"
    GARBAGE = "garbage"
    DROPS = "drops"


class SimulatedModel:
    """A Provider. ``asked`` is told of every prompt; ``parrot``: it repeats what it was given."""

    name = "simulated"

    def __init__(self, chance: random.Random, asked: Callable[[Prompt], None], *, parrot: bool) -> None:
        self.mood = Mood.WELL
        self._chance = chance
        self._asked = asked
        self._parrot = parrot

    async def complete(self, prompt: Prompt) -> Reply:
        await self._begin(prompt)
        return self._reply(prompt)

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        await self._begin(prompt)
        reply = self._reply(prompt)
        text = reply.text.reveal()
        half, whole = text[: len(text) // 2], text[len(text) // 2 :]
        yield Chunk(Private(half))
        await self._pause()
        if self.mood is Mood.DROPS:
            raise ProviderUnavailable("the connection was lost in this simulation")
        if self.mood is Mood.HANGS:
            await self._hang()
        yield Chunk(Private(whole))
        yield reply

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        return await ask_structured(self._form, prompt, shape)

    async def close(self) -> None:
        """Nothing is open."""

    async def _form(self, prompt: Prompt, schema: Schema) -> Reply:
        await self._begin(prompt)
        if self.mood is Mood.GARBAGE:
            return _said(self._chance.choice(("", "{", "no form at all", '{"stance": "sideways"}')) or "-")
        attribute = self._chance.choice(tuple(BUCKETS))
        bucket = self._chance.choice(BUCKETS[attribute] or ("baker",))
        values = [{"attribute": attribute, "value": bucket, "said": bucket}] if self._chance.random() < 0.3 else []
        stance = self._chance.choice(("answers", "declines", "asks_why", "new_subject", "unclear"))
        read = {
            "stance": stance,
            "values": values,
            "completeness": self._chance.uniform(0, 5),
            "severity": "none",
            "category": None,
        }
        return _said(json.dumps(read))

    async def _begin(self, prompt: Prompt) -> None:
        step()
        self._asked(prompt)
        await self._pause()
        match self.mood:
            case Mood.HANGS:
                await self._hang()
            case Mood.DOWN:
                raise ProviderUnavailable("down in this simulation")
            case Mood.BUSY:
                raise ProviderRateLimited("busy in this simulation", self._chance.choice((None, 1.0, 60.0)))
            case Mood.REFUSES:
                raise ProviderRejected("refused in this simulation")
            case Mood.WELL | Mood.SLOW | Mood.GARBAGE | Mood.DROPS:
                step()

    async def _pause(self) -> None:
        slow = self.mood is Mood.SLOW
        await asyncio.sleep(self._chance.expovariate(0.3) if slow else self._chance.uniform(0.05, 0.4))
        step()

    async def _hang(self) -> None:
        await asyncio.sleep(TIMEOUT)
        step()
        raise ProviderTimeout(f"no answer within {TIMEOUT:g} s in this simulation")

    def _reply(self, prompt: Prompt) -> Reply:
        if self.mood is Mood.GARBAGE and self._chance.random() < 0.5:
            raise MalformedReply("ended without a word in this simulation")
        if self._parrot:
            return _said("\n".join(message.text.reveal() for message in prompt.messages))
        return _said(WORDS)


def _said(text: str) -> Reply:
    return Reply(Private(text), SimulatedModel.name, Usage(100, 20, usd=0.0))
