"""What is told of every turn, from outside: ports are wrapped, so that the flows themselves know nothing of it."""

from __future__ import annotations

import asyncio
import importlib.metadata
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Final

from bot.chat import Answer, AnswerStream, Delivery, Outbound, Platform, Undelivered
from bot.clock import Clock, Seconds
from bot.conversation.engine import Steps, TurnWork
from bot.errors import ProviderError, SettingsError, StoreError
from bot.frozen import dataclass
from bot.identity import Person, Space
from bot.llm import Chunk, Prompt, Provider, Reply, Structured
from bot.llm.provider import Shape, Usage
from bot.llm.streams import closing
from bot.review.store import Archive
from bot.settings import Settings
from bot.telemetry.events import Event, Telemetry

LAG_EVERY: Final[Seconds] = 0.5
GAUGES_EVERY: Final[Seconds] = 15.0

_turn: ContextVar[str] = ContextVar("turn", default="")
"""The turn that this task works on; an engine gives every turn a task of its own."""


def turns(work: TurnWork, telemetry: Telemetry) -> TurnWork:
    """The same work, told of: its beginning, its steps and its end."""

    async def run(turn_id: str, steps: Steps) -> None:
        _turn.set(turn_id)
        platform, began = turn_id.partition(":")[0], time.perf_counter()
        telemetry.emit(Event.TURN_BEGAN, turn=turn_id, platform=platform)
        told, outcome = _ToldSteps(steps, telemetry, turn_id), "broke"
        try:
            await work(turn_id, told)
            outcome = "failed" if told.failed else "ended"
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        except StoreError:
            outcome = "postponed"
            raise
        finally:
            seconds = time.perf_counter() - began
            telemetry.emit(Event.TURN_ENDED, turn=turn_id, platform=platform, outcome=outcome, seconds=seconds)

    return run


@dataclass(slots=True)
class _ToldSteps:
    """Steps that say what each took. ``failed``: the person was told that the turn broke."""

    steps: Steps
    telemetry: Telemetry
    turn: str
    failed: bool = False

    async def run(self, name: str, work: Callable[[], Awaitable[str]]) -> str:
        began, outcome = time.perf_counter(), "broke"
        kind = name.rpartition(":")[2]
        self.failed = self.failed or kind == "failed"
        try:
            outcome = await self.steps.run(name, work)
        finally:
            seconds = time.perf_counter() - began
            self.telemetry.emit(Event.STEP_ENDED, turn=self.turn, kind=kind, outcome=outcome, seconds=seconds)
        return outcome


@dataclass(frozen=True, slots=True)
class ToldPlatform:
    """A platform whose deliveries are told of."""

    platform: Platform
    telemetry: Telemetry

    @property
    def name(self) -> str:
        return self.platform.name

    async def deliver(self, message: Outbound) -> Delivery:
        outcome = await self.platform.deliver(message)
        self.shown(message, _outcome(outcome))
        return outcome

    def stream(self, head: Outbound) -> AbstractAsyncContextManager[AnswerStream]:
        return _ToldStream(self, head, self.platform.stream(head))

    async def thinking(self, person: Person, space: Space, active: bool) -> None:
        await self.platform.thinking(person, space, active)

    def shown(self, message: Outbound, outcome: str) -> None:
        kind = type(message.body).__name__.lower()
        self.telemetry.emit(Event.SHOWN, turn=message.turn, platform=self.name, kind=kind, outcome=outcome)


class _ToldStream(AbstractAsyncContextManager[AnswerStream]):
    """Opens, and is, the stream that is told of."""

    __slots__ = ("_begun", "_head", "_opening", "_platform", "_stream")

    def __init__(
        self, platform: ToldPlatform, head: Outbound, opening: AbstractAsyncContextManager[AnswerStream]
    ) -> None:
        self._platform, self._head, self._opening, self._begun = platform, head, opening, False
        self._stream: AnswerStream

    async def __aenter__(self) -> AnswerStream:
        self._stream = await self._opening.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._opening.__aexit__(kind, error, trace)

    async def append(self, text: str) -> None:
        await self._stream.append(text)
        if not self._begun:
            self._begun = True
            self._platform.shown(self._head, "begun")

    async def finish(self, answer: Answer) -> Delivery:
        outcome = await self._stream.finish(answer)
        self._platform.shown(self._head, _outcome(outcome))
        return outcome


def _outcome(delivery: Delivery) -> str:
    return "undelivered" if isinstance(delivery, Undelivered) else "delivered"


@dataclass(frozen=True, slots=True)
class ToldProvider:
    """A provider whose calls are told of. Whoever made ``provider`` closes it."""

    provider: Provider
    telemetry: Telemetry

    @property
    def name(self) -> str:
        return self.provider.name

    async def complete(self, prompt: Prompt) -> Reply:
        with _Call(self, prompt) as call:
            reply = await self.provider.complete(prompt)
            call.answered(reply.model, reply.usage)
            return reply

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        with _Call(self, prompt) as call:
            async with closing(self.provider.stream(prompt)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Reply):
                        call.answered(piece.model, piece.usage)
                    yield piece

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        with _Call(self, prompt) as call:
            answer = await self.provider.structured(prompt, shape)
            call.answered(answer.model, answer.usage)
            return answer

    async def close(self) -> None:
        await self.provider.close()


class _Call:
    """One call, told of once: when it is answered (whoever reads a stream may leave it open after that), else when it
    ends, however it ends."""

    def __init__(self, by: ToldProvider, prompt: Prompt) -> None:
        self._telemetry = by.telemetry
        self._kind, self._turn = prompt.purpose, _turn.get()
        self._model, self._began = prompt.model or by.name, time.perf_counter()
        self._told = False

    def answered(self, model: str, usage: Usage) -> None:
        self._model = model
        self._tell("ok", usage)

    def __enter__(self) -> _Call:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._tell(type(error).__name__ if isinstance(error, ProviderError) else "broken_off", Usage())

    def _tell(self, outcome: str, usage: Usage) -> None:
        if self._told:
            return
        self._told = True
        self._telemetry.emit(
            Event.MODEL_CALLED,
            turn=self._turn,
            model=self._model,
            kind=self._kind,
            outcome=outcome,
            calls=usage.calls,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            usd=usage.usd,
            seconds=time.perf_counter() - self._began,
        )


@asynccontextmanager
async def traced(settings: Settings, telemetry: Telemetry) -> AsyncIterator[Telemetry]:
    """``telemetry``, telling the settings' collector of traces too; what it was not sent yet is sent on leaving.
    Raises SettingsError when OpenTelemetry is not installed."""
    if not settings.traces_url:
        yield telemetry
        return
    try:
        from adapters.tracing.otel import exported
    except ImportError:
        todo = 'RAISE_TRACES_URL: traces need OpenTelemetry: pip install "raise-bot[traces]", or unset it.'
        raise SettingsError((todo,)) from None
    traces = exported(settings.traces_url, importlib.metadata.version("raise-bot"))
    try:
        yield telemetry.also(traces.take)
    finally:
        await asyncio.to_thread(traces.close)


# -- gauges ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gauges:
    """What is looked at now and then: how late the loop wakes, how many turns wait, how many cases are open or late."""

    waiting: Callable[[], Awaitable[int]]
    archive: Archive
    clock: Clock
    telemetry: Telemetry

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Look while the block runs."""
        watches = [asyncio.create_task(each) for each in (self._lag(), self._again())]
        try:
            yield
        finally:
            for watch in watches:
                watch.cancel()
            await asyncio.gather(*watches, return_exceptions=True)

    async def look(self) -> None:
        """Measure queue and cases once; a store that is down is told of, and the figures stay as they were."""
        now = self.clock.now()
        try:
            queue = await self.waiting()
            # Only what waits now is wanted, so that nothing of the past is counted.
            cases = (await self.archive.figures(now, now, None)).waiting
        except StoreError as problem:
            self.telemetry.emit(Event.NOT_REVIEWED, store="figures", problem=str(problem))
            return
        pending = sum(each.open + each.claimed for each in cases)
        for kind, count in (("queue", queue), ("cases_open", pending), ("cases_late", sum(c.overdue for c in cases))):
            self.telemetry.emit(Event.MEASURED, kind=kind, count=count)

    async def _again(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(GAUGES_EVERY)

    async def _lag(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_EVERY
            await asyncio.sleep(LAG_EVERY)
            self.telemetry.emit(Event.MEASURED, kind="loop_lag", seconds=max(0.0, loop.time() - due))
