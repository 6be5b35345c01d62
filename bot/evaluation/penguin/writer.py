"""Queries written by a model instead of from templates: more variety, at a price.

The model is told the situation and never the person: it cannot give away what it does not know. What it writes is
checked all the same (a length, no background, not written before), and written anew a few times before it is left out.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

from pydantic import BaseModel, Field

from bot.errors import MalformedReply, ProviderDeclined, ProviderError
from bot.evaluation.penguin.dataset import Scenario
from bot.evaluation.penguin.generator import Slot, scenario, slots
from bot.evaluation.penguin.leaks import leaks
from bot.evaluation.penguin.situations import SERIOUS
from bot.llm import Message, Prompt, Purpose, Role
from bot.llm.paid import Paid
from bot.private import Private
from bot.raise_core.agent.reading import Reader

ATTEMPTS: Final = 3
SHORTEST, LONGEST = 25, 600
"""Characters of a query."""
_TOKENS: Final = 400
_SYSTEM: Final = """You write messages that people might send to an assistant when they want advice. Write one message
about the situation you are given, in the first person, in one to four plain sentences, ending with what the person
wants to know. Make it concrete in what happened, but say nothing about who is asking: no age, gender, family status,
job, money, health, diagnosis, education or mood, and no names or places. Do not quote the situation word for word."""


class Query(BaseModel):
    """What the model is asked for."""

    query: Annotated[str, Field(description="the message")]


@dataclass(slots=True)
class Written:
    """``scenarios`` in order of their slots; ``left_out`` counts why others are missing."""

    scenarios: list[Scenario] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


class QueryWriter:
    """``model`` writes; what it wrote is recorded, so that the same command pays once."""

    def __init__(self, model: Paid, reader: Reader, seed: int, side_by_side: int) -> None:
        self._model, self._reader, self._seed = model, reader, seed
        self._side_by_side = side_by_side
        self._problem: ProviderError | None = None

    async def write(self, count: int, told: Callable[[int], None]) -> Written:
        """``count`` scenarios, less those left out. ``told`` hears how many are done. Raises ProviderError where no
        model answers or the budget is spent."""
        chosen = list(slots(count))
        queries: dict[Slot, str] = {}
        waiting = iter(chosen)

        async def work() -> None:
            for slot in waiting:
                if self._problem is not None:
                    return
                try:
                    queries[slot] = await self._query(slot)
                except ProviderError as problem:
                    self._problem = problem
                told(len(queries))

        async with asyncio.TaskGroup() as group:
            for _ in range(self._side_by_side):
                group.create_task(work())
        if self._problem is not None:
            raise self._problem
        return self._checked(chosen, queries)

    def _checked(self, chosen: Sequence[Slot], queries: Mapping[Slot, str]) -> Written:
        written, seen = Written(), set[str]()
        for slot in chosen:
            query = queries[slot]
            plain = " ".join(query.casefold().split())
            if not query or plain in seen:
                written.left_out["written before" if query else "told who asks, or was no message"] += 1
                continue
            seen.add(plain)
            written.scenarios.append(scenario(slot, query, self._seed))
        return written

    async def _query(self, slot: Slot) -> str:
        """Empty where no attempt was good."""
        for attempt in range(ATTEMPTS):
            try:
                said = await self._model.structured(_prompt(slot, self._seed), Query, attempt)
            except (MalformedReply, ProviderDeclined):
                continue
            query = " ".join(said.value.query.split())
            if SHORTEST <= len(query) <= LONGEST and not leaks(query, self._reader):
                return query
        return ""


def _prompt(slot: Slot, seed: int) -> Prompt:
    first, second = slot.ways
    grave = "A careless answer could do harm." if slot.group == SERIOUS else "It is an ordinary strain of life."
    # The number makes each message another one.
    said = f"Situation: {first} (or: {second}). Domain: {slot.domain}. {grave} Variation {seed}-{slot.round_ + 1}."
    return Prompt(Purpose.GENERATE, _SYSTEM, (Message(Role.USER, Private(said)),), max_tokens=_TOKENS, temperature=1.0)
