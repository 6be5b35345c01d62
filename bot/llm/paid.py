"""Calls that are paid once: each reply is recorded under what was asked, before anybody counts it.

A job that was killed and is run again asks the same questions and finds the answers there. For jobs (planning,
benchmarks), never for turns: what is kept are prompts' hashes and models' replies about the operators' own queries.

A call under way when the process is killed outright is lost and paid again: no provider recognises a repeated request.
(Neither Anthropic's Messages nor OpenAI's chat completions document an idempotency key, and the SDKs, which make one
for every request, have no header to send it in.) A batch is not lost, see ``bot.llm.batching``. Whoever stops in any
other way (Ctrl-C, SIGTERM, the budget, an error) waits for what is under way and records it, see :meth:`Paid.close`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Protocol, Self

from bot.clock import Clock, Seconds
from bot.errors import MalformedReply, ProviderDeclined
from bot.llm.batching import Batched
from bot.llm.budget import Budget
from bot.llm.pacing import Pace
from bot.llm.provider import Prompt, Provider, Purpose, Reply, Shape, Structured, Usage
from bot.llm.structured import Unrepaired, schema_of
from bot.private import Private


@dataclass(frozen=True, slots=True)
class PaidCall:
    """One paid call: ``text`` is the reply (JSON for a structured one), ``failure`` says why there is none to use, and
    ``declined`` whether that was the model's will."""

    key: str
    purpose: Purpose
    model: str
    text: str
    failure: str
    complete: bool
    usage: Usage
    at: Seconds
    declined: bool = False

    def usable(self) -> Self:
        """The call, or the error it ended with: ProviderDeclined or MalformedReply."""
        if self.failure:
            raise ProviderDeclined(self.failure) if self.declined else MalformedReply(self.failure)
        return self


class PaidCalls(Protocol):
    """Where paid calls are recorded. Both raise StoreUnavailable."""

    async def get(self, key: str) -> PaidCall | None:
        """What was recorded under ``key``."""
        ...

    async def put(self, call: PaidCall) -> None:
        """Record a call; on return it outlives the process. The first record of a key stays."""
        ...


@dataclass(slots=True)
class Tally:
    """``paid`` calls of this run, and those ``found`` recorded by an earlier one or asked for twice."""

    paid: int = 0
    found: int = 0


Ask = Callable[[], Awaitable[tuple[str, str, Usage, bool]]]
"""Asks a model: text, model, usage, complete."""


class Paid:
    """A model whose every reply is recorded. Use it as ``async with Paid(...)``.

    ``model`` names provider and model in the keys (the same name, the same replies); ``pace`` and ``budget`` may be
    shared with other models. ``draw`` numbers independent replies to the same prompt. With ``batched`` calls go into
    batches; ``pace`` then has to let as many wait as there may be."""

    def __init__(
        self,
        provider: Provider,
        model: str,
        calls: PaidCalls,
        pace: Pace,
        budget: Budget,
        clock: Clock,
        batched: Batched | None = None,
    ) -> None:
        self.model, self.tally, self.batched = model, Tally(), batched
        self._provider, self._calls, self._pace, self._budget, self._clock = provider, calls, pace, budget, clock
        self._flights: dict[str, asyncio.Task[PaidCall]] = {}
        self._asking: set[str] = set()

    async def complete(self, prompt: Prompt, draw: int = 0) -> Reply:
        """Raises ProviderError. What cannot be used (ProviderDeclined, MalformedReply) is recorded like a reply."""

        key, batched = key_of(self.model, prompt, None, draw), self.batched

        async def ask() -> tuple[str, str, Usage, bool]:
            asked = self._provider.complete(prompt) if batched is None else batched.complete(key, prompt)
            reply = await asked
            return reply.text.reveal(), reply.model, reply.usage, reply.complete

        call = (await self._once(key, prompt, ask)).usable()
        return Reply(Private(call.text), call.model, call.usage, call.complete)

    async def structured(self, prompt: Prompt, shape: type[Shape], draw: int = 0) -> Structured[Shape]:
        """Raises ProviderError. What cannot be used (ProviderDeclined; MalformedReply after its repair) is recorded
        like a reply."""

        key, batched = key_of(self.model, prompt, shape, draw), self.batched

        async def ask() -> tuple[str, str, Usage, bool]:
            asked = (
                self._provider.structured(prompt, shape) if batched is None else batched.structured(key, prompt, shape)
            )
            answer = await asked
            return answer.value.model_dump_json(), answer.model, answer.usage, True

        call = (await self._once(key, prompt, ask)).usable()
        return Structured(shape.model_validate_json(call.text, strict=True), call.model, call.usage)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Begin nothing new; wait for the calls under way, which are being paid, and record them. A call in a batch is
        not waited for: the batch is found again."""
        while self._flights:
            for key, task in list(self._flights.items()):
                if key not in self._asking or (self.batched is not None and key in self.batched.waiting):
                    task.cancel()
            await asyncio.wait(list(self._flights.values()))

    @property
    def under_way(self) -> int:
        """How many calls a model is answering now, or are being recorded."""
        return len(self._asking)

    async def _once(self, key: str, prompt: Prompt, ask: Ask) -> PaidCall:
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._fly(key, prompt, ask))
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._landed(key, done))
        else:
            self.tally.found += 1
        # Shielded: a caller who gives up does not throw away what is being paid.
        return await asyncio.shield(flight)

    def _landed(self, key: str, done: asyncio.Task[PaidCall]) -> None:
        del self._flights[key]
        if not done.cancelled():
            done.exception()  # seen, also when every caller gave up

    async def _fly(self, key: str, prompt: Prompt, ask: Ask) -> PaidCall:
        found = await self._calls.get(key)
        if found is not None:
            self.tally.found += 1
            return found
        call = await self._pace.run(lambda: self._pay(key, prompt, ask))
        self.tally.paid += 1
        return call

    async def _pay(self, key: str, prompt: Prompt, ask: Ask) -> PaidCall:
        with self._budget.hold(prompt) as held:
            self._asking.add(key)
            try:
                call = await self._asked(key, prompt, ask, held.worst)
                held.usage = call.usage
                # Within its place: a kill then loses no more calls than may be under way at once.
                await self._calls.put(call)
            except asyncio.CancelledError:
                held.usage = held.usage or Usage(usd=0.0, calls=0)  # in a batch: whoever collects it counts it
                raise
            finally:
                self._asking.discard(key)
            return call

    async def _asked(self, key: str, prompt: Prompt, ask: Ask, worst: Usage) -> PaidCall:
        failure, declined, text, model, complete = "", False, "", self._provider.name, False
        try:
            text, model, usage, complete = await ask()
        except Unrepaired as problem:
            failure, usage = str(problem), problem.usage
        except (MalformedReply, ProviderDeclined) as problem:
            failure, usage = str(problem), worst  # nobody says what it cost
            declined = isinstance(problem, ProviderDeclined)
        now = self._clock.now()
        return PaidCall(key, prompt.purpose, model, text, failure, complete, usage, now, declined)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a job asks its models with, and what that has cost so far."""

    budget: Budget
    pace: Pace
    paid: tuple[Paid, ...]

    @property
    def calls(self) -> int:
        """How many calls this run paid."""
        return sum(each.tally.paid for each in self.paid)

    def in_batches(self) -> str:
        """How far the batches are that are waited for, as ``3/120 in 2 batches``; empty where there is none."""
        some = [progress for each in self.paid if each.batched for progress in each.batched.under_way]
        if not some:
            return ""
        done, items = sum(each.done for each in some), sum(each.items for each in some)
        return f"{done}/{items} in {len(some)} {'batch' if len(some) == 1 else 'batches'}"

    async def settle(self) -> None:
        """Wait for the calls under way, which are being paid, and record them."""
        for each in self.paid:
            await each.close()

    def told(self) -> dict[str, object]:
        """Calls and costs, for a manifest."""
        spent = self.budget.spent
        batches = [each.batched.told() for each in self.paid if each.batched is not None]
        return {
            "calls": {
                "paid": self.calls,
                "found_recorded": sum(each.tally.found for each in self.paid),
                "slowed_down": self.pace.slowed,
            },
            "spent": {
                "usd": round(spent.usd, 6),
                "tokens": spent.tokens,
                "unpriced_calls": spent.unpriced,
                "by_purpose": {name.value: asdict(each) for name, each in self.budget.by_purpose.items()},
            },
            **({"batches": batches} if batches else {}),
        }


def key_of(model: str, prompt: Prompt, shape: type[Shape] | None, draw: int) -> str:
    """What tells a call from others, as 32 hexadecimal digits: the whole prompt, the shape, the model and the draw."""
    parts = [
        model,
        prompt.purpose,
        prompt.system,
        [[message.role, message.text.reveal()] for message in prompt.messages],
        prompt.max_tokens,
        prompt.temperature,
        None if shape is None else schema_of(shape),
        draw,
    ]
    return hashlib.blake2s(json.dumps(parts).encode(), digest_size=16).hexdigest()
