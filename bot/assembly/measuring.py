"""``raise-bot bench turns``: what a turn costs, measured on this machine with the parts that serve people.

Core: advance, screen, route and decide with the inline engine, stores in memory and no model; CPU time of the one
thread that does it all, without that of the progress bar. Durable: the same turns on DBOS and SQLite files, sealed,
many people at once; and the time from an event's arrival to the first thing a person sees, one event at a time.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.assembly.application import Application, application
from bot.assembly.rulebook import Rulebook
from bot.assembly.steady import join_pages, settle_memory
from bot.chat import Answer, AnswerStream, Chose, Content, Delivered, Delivery, Inbound, Outbound, Said
from bot.clock import SystemClock
from bot.identity import DIRECT, Person, Space
from bot.private import Private
from bot.settings import Settings
from bot.telemetry.logs import silent

Progress = Callable[[float], None]
"""Told the share of the work that is done, 0 to 1."""
CONVERSATION: Final[tuple[Content, ...]] = (
    Said(Private("My girlfriend left me after four years and I don't know how to get through the evenings")),
    Chose("emotional_state:loneliness"),
    Said(Private("I'm 34, and I haven't told anybody at work yet")),
    Said(Private("set a timer for ten minutes please")),
)
"""What each person of the measurement does: a hard question, a pressed choice, a free reply, an errand."""


@dataclass(frozen=True, slots=True)
class TurnFigures:
    """CPU milliseconds per turn of the core; durable turns per second; milliseconds to the first effect, 95th
    percentile; and over how many turns each was measured."""

    core_cpu_ms_per_turn: float
    durable_turns_per_s: float
    first_effect_ms_p95: float
    core_turns: int
    durable_turns: int


class Sink:
    """A platform that takes everything and notes when the first thing of a turn came."""

    name = "bench"

    def __init__(self) -> None:
        self.first: dict[str, float] = {}

    async def deliver(self, message: Outbound) -> Delivery:
        self.first.setdefault(message.turn, time.perf_counter())
        return Delivered()

    @asynccontextmanager
    async def stream(self, head: Outbound) -> AsyncIterator[AnswerStream]:
        yield _Swallowed(self, head)

    async def thinking(self, person: Person, space: Space, active: bool) -> None:
        """Nobody is looking."""


@dataclass(frozen=True, slots=True)
class _Swallowed:
    sink: Sink
    head: Outbound

    async def append(self, text: str) -> None:
        self.sink.first.setdefault(self.head.turn, time.perf_counter())

    async def finish(self, answer: Answer) -> Delivery:
        return await self.sink.deliver(self.head)


async def measure_turns(core_people: int, durable_people: int, progress: Progress) -> TurnFigures:
    """Measure with that many people, each having the same short conversation."""
    rulebook = Rulebook.of(Settings(), model_reads=False)
    rulebook.current()
    core = await _core(rulebook, core_people, lambda share: progress(share / 2))
    with tempfile.TemporaryDirectory(prefix="raise-bot-bench-") as folder:
        rate, first = await _durable(rulebook, Path(folder), durable_people, lambda share: progress(0.5 + share / 2))
    turns = len(CONVERSATION)
    return TurnFigures(core, rate, first, core_people * turns, durable_people * turns)


async def _core(rulebook: Rulebook, people: int, progress: Progress) -> float:
    sink, clock = Sink(), SystemClock()
    async with application(Settings(), [sink], clock=clock, telemetry=silent(), rulebook=rulebook) as app:
        numbers = itertools.count()
        await _talk(app, "warm-up", numbers, clock)
        settle_memory()
        join_pages()  # as whoever serves does in its first minute
        began = time.thread_time()
        for number in range(people):
            await _talk(app, f"p{number}", numbers, clock)
            if number % 50 == 0:
                progress(number / people)
        spent = time.thread_time() - began
    return spent * 1000 / (people * len(CONVERSATION))


async def _durable(rulebook: Rulebook, folder: Path, people: int, progress: Progress) -> tuple[float, float]:
    sink, clock = Sink(), SystemClock()
    settings = Settings(state=folder)
    async with application(settings, [sink], clock=clock, telemetry=silent(), rulebook=rulebook) as app:
        numbers = itertools.count()
        await _talk(app, "warm-up", numbers, clock)
        waits = [each for number in range(max(5, people // 5)) for each in await _timed(app, sink, number, clock)]
        progress(0.3)
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(people):
                group.create_task(_talk(app, f"p{number}", numbers, clock))
        rate = people * len(CONVERSATION) / (time.perf_counter() - began)
    return rate, statistics.quantiles(waits, n=20)[-1]


async def _timed(app: Application, sink: Sink, number: int, clock: SystemClock) -> list[float]:
    """Milliseconds to the first effect of each turn of one person, one turn after the other."""
    waits: list[float] = []
    for turn, content in enumerate(CONVERSATION):
        inbound = Inbound(f"t{number}-{turn}", Person("bench", "w", f"t{number}"), DIRECT, content, clock.now(), "en")
        began = time.perf_counter()
        receipt = await app.intake.accept(inbound)
        await app.intake.finished(receipt.turn_id)
        waits.append((sink.first[receipt.turn_id] - began) * 1000)
    return waits


async def _talk(app: Application, user: str, numbers: Iterator[int], clock: SystemClock) -> None:
    person = Person("bench", "w", user)
    for content in CONVERSATION:
        inbound = Inbound(f"e{next(numbers)}", person, DIRECT, content, clock.now(), "en")
        receipt = await app.intake.accept(inbound)
        await app.intake.finished(receipt.turn_id)
