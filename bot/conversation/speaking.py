"""Saying things: one message, or an answer streamed from a model, with the prepared answer when the model fails."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from bot.chat import Answer, AnswerStream, Delivered, Delivery, Outbound, Platform, Undelivered
from bot.errors import ProviderError
from bot.frozen import dataclass, replace
from bot.identity import Person, Space
from bot.llm import Chunk, Prompt, Provider, Reply
from bot.llm.streams import closing
from bot.private import Private
from bot.within import within

OFFLINE: Final = "offline"


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as shown. ``problem`` names the failure that led to the prepared text, empty where there was none."""

    answer: Answer
    delivery: Delivery
    problem: str = ""


PAUSES: Final = (0.3, 1.0, 3.0)
"""Seconds between attempts at one message."""


class Speaker:
    """Delivers to whichever platform a person is on. ``pauses`` are the seconds between attempts."""

    def __init__(self, platforms: Mapping[str, Platform], pauses: Sequence[float] = PAUSES) -> None:
        self._platforms = platforms
        self._pauses = tuple(pauses)

    @property
    def platforms(self) -> frozenset[str]:
        """Those running in this process."""
        return frozenset(self._platforms)

    async def say(self, message: Outbound) -> Delivery:
        """Deliver, trying again while the platform says that it may help."""
        platform = self._platforms.get(message.to.platform)
        if platform is None:
            return Undelivered(f"no platform named {message.to.platform} is running here", permanent=True)
        outcome = await platform.deliver(message)
        for pause in self._pauses:
            if isinstance(outcome, Delivered) or outcome.permanent:
                break
            await asyncio.sleep(pause)
            outcome = await platform.deliver(message)
        return outcome

    async def thinking(self, person: Person, space: Space, active: bool) -> None:
        if (platform := self._platforms.get(person.platform)) is not None:
            await platform.thinking(person, space, active)

    async def write(self, head: Outbound, prompt: Prompt, provider: Provider, deadline: float, note: str) -> Written:
        """Stream the model's answer into ``head``, whose body is the Answer without text.

        When the model fails, or ``deadline`` (loop time) passes, the prepared answer replaces what was shown, led by
        ``note`` if something was shown already."""
        platform = self._platforms.get(head.to.platform)
        if platform is None:
            nothing = Undelivered(f"no platform named {head.to.platform} is running here", permanent=True)
            return Written(_with_text(head, Private(""), OFFLINE), nothing)
        async with platform.stream(head) as stream:
            answer, problem = await _written(stream, head, prompt, provider, deadline, note)
            delivery = await stream.finish(answer)
        if isinstance(delivery, Undelivered) and not delivery.permanent:
            delivery = await self.say(replace(head, body=answer))
        return Written(answer, delivery, problem)


async def _written(
    stream: AnswerStream, head: Outbound, prompt: Prompt, provider: Provider, deadline: float, note: str
) -> tuple[Answer, str]:
    shown = False

    async def streamed() -> Reply | None:
        nonlocal shown
        async with closing(provider.stream(prompt)) as pieces:
            async for piece in pieces:
                match piece:
                    case Chunk(text):
                        shown = True
                        await stream.append(text.reveal())
                    case Reply():
                        return piece
        return None

    try:
        reply = await within(deadline, streamed())
        if reply is not None:
            return _with_text(head, reply.text, reply.model), ""
        problem = "the stream ended without a reply"
    except TimeoutError:
        problem = "the deadline of the turn passed"
    except ProviderError as failure:
        problem = f"{type(failure).__name__}: {failure}"
    prepared = prompt.fallback.reveal() if prompt.fallback is not None else ""
    return _with_text(head, Private(f"{note}\n\n{prepared}" if shown else prepared), OFFLINE), problem


def _with_text(head: Outbound, text: Private[str], model: str) -> Answer:
    body = head.body
    if not isinstance(body, Answer):
        raise TypeError(f"expected the head of an answer, got a {type(body).__name__}")
    return replace(body, text=text, model=model)
