"""The network between people and the bot: what the bot sends appears, may be refused, or appears without an answer."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from bot.chat import Answer, Body, Crisis, Delivered, Delivery, Notice, Outbound, Question, Undelivered
from bot.identity import DIRECT, Person, Space
from tests.support.simulation.life import ALIVE, step


@dataclass(slots=True)
class Shown:
    """One message as people see it. ``audience`` is DIRECT where only the person sees it. ``whole``: not a stream that
    is still on its way, or broke off; ``life``: of the process that said it."""

    message: Outbound
    audience: Space
    at: float
    number: int
    whole: bool = True
    life: int = 0

    @property
    def body(self) -> Body:
        return self.message.body


def audience(message: Outbound) -> Space:
    """Who sees it: the person alone, or everybody in the space."""
    body = message.body
    private = isinstance(body, Crisis) or (isinstance(body, Question | Notice) and body.private)
    return DIRECT if private else message.space


@dataclass(slots=True)
class Screen:
    """Everything shown on one platform by id, oldest first: it outlives the process."""

    messages: dict[str, Shown] = field(default_factory=dict)


class SimulatedPlatform:
    """Recognises a message that is sent again by its id, as platforms do that can deduplicate; the adapters see to it
    where a platform cannot. ``offered`` is told of every message before anything can go wrong with it, ``showed`` of
    every one that appears."""

    def __init__(
        self, name: str, chance: random.Random, offered: Callable[[Outbound], None], showed: Callable[[Shown], None]
    ) -> None:
        self.name = name
        self.screen = Screen()
        self.trouble = 0.0
        """Share of the deliveries that go wrong at the moment."""
        self._chance = chance
        self._offered = offered
        self._showed = showed

    async def deliver(self, message: Outbound) -> Delivery:
        step()
        self._offered(message)
        await asyncio.sleep(self._chance.uniform(0.01, 0.1))
        step()
        trouble = self._chance.random() < self.trouble
        if trouble and self._chance.random() < 0.5:
            return Undelivered("refused in this simulation")
        self._show(message, whole=True)
        step()
        await asyncio.sleep(self._chance.uniform(0.01, 0.1))
        step()
        return Undelivered("no answer in this simulation") if trouble else Delivered(message.id)

    @asynccontextmanager
    async def stream(self, head: Outbound) -> AsyncIterator[_Stream]:
        stream = _Stream(self, head)
        try:
            yield stream
        finally:
            stream.left()

    async def thinking(self, person: Person, space: Space, active: bool) -> None:
        life = ALIVE.get()
        if life is not None and life.alive:
            step()

    def _show(self, message: Outbound, *, whole: bool) -> None:
        before = self.screen.messages.get(message.id)
        if before is not None and before.whole:
            return  # known by its id
        number = len(self.screen.messages) if before is None else before.number
        loop = asyncio.get_running_loop()
        shown = Shown(message, audience(message), loop.time(), number, whole)
        self.screen.messages[message.id] = shown
        self._showed(shown)


class _Stream:
    """An answer that appears while it is written."""

    def __init__(self, platform: SimulatedPlatform, head: Outbound) -> None:
        self._platform = platform
        self._head = head
        self._text = ""

    async def append(self, text: str) -> None:
        step()
        self._text += text
        await asyncio.sleep(0.01)
        step()

    async def finish(self, answer: Answer) -> Delivery:
        platform, chance = self._platform, self._platform._chance
        step()
        await asyncio.sleep(chance.uniform(0.01, 0.1))
        step()
        trouble = chance.random() < platform.trouble
        if trouble and chance.random() < 0.5:
            return Undelivered("refused in this simulation")
        platform._show(replace(self._head, body=answer), whole=True)
        step()
        return Undelivered("no answer in this simulation") if trouble else Delivered(self._head.id)

    def left(self) -> None:
        """Nothing else to do: what broke off was never whole."""
