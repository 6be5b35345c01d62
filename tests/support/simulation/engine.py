"""A durable engine that is the same every time: the inline one, with a tape that outlives it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.engine.inline import InlineEngine
from bot.conversation.engine import Steps, TurnWork
from bot.errors import StoreUnavailable
from tests.support.simulation.life import step
from tests.support.simulation.ways import Way

LOOKS_AGAIN: Final = 0.5
"""Seconds after which a step that could not be recorded is recorded, as DBOS tries again until it can."""


@dataclass(slots=True)
class Recorded:
    """What is kept of one turn: its steps' results, how often a store failed each before, and whether it ended."""

    conversation: str
    steps: dict[str, str] = field(default_factory=dict)
    ended: bool = False
    failed: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Run:
    """What one process knows of its run of a turn: results of its steps, and failures met, its own and earlier ones."""

    results: dict[str, str] = field(default_factory=dict)
    met: Counter[str] = field(default_factory=Counter)


Tape = dict[str, Recorded]
"""What the engine recorded of all turns, by id, in the order submitted."""


class SimulatedEngine:
    """A durable engine: the inline one, its turns and steps recorded on a tape that outlives it."""

    def __init__(
        self, tape: Tape, way: Way, turn_begins: Callable[[str], None], cancelled: Callable[[str], None], **options: Any
    ) -> None:
        self._tape = tape
        self._way = way
        self._cancelled = cancelled
        self._turn_begins = turn_begins
        self._inner = InlineEngine(**options)
        self._runs: dict[str, Run] = {}
        self._serves = False

    async def start(self, work: TurnWork, *others: TurnWork | None, **more: TurnWork | None) -> None:
        wrapped = [None if each is None else self._recorded(each) for each in others]
        named = {name: None if each is None else self._recorded(each) for name, each in more.items()}
        await self._inner.start(self._recorded(work), *wrapped, **named)
        self._serves = True
        for turn_id, row in self._tape.items():
            if not row.ended:
                await self._inner.submit(turn_id, row.conversation)

    async def submit(self, turn_id: str, conversation: str) -> bool:
        await self._way.there()
        if not self._serves:
            raise StoreUnavailable("the engine is stopping in this simulation; send the event again")
        fresh = turn_id not in self._tape
        if fresh:
            self._tape[turn_id] = Recorded(conversation)
            self._queue(turn_id, conversation)
        await self._way.back()
        return fresh

    def _queue(self, turn_id: str, conversation: str) -> None:
        """At once, with what is recorded: submitting to the inline engine waits for nothing."""
        submitting = self._inner.submit(turn_id, conversation)
        try:
            submitting.send(None)
        except StopIteration:
            return
        raise AssertionError("the inline engine waited in submit")

    async def finished(self, turn_id: str) -> None:
        await self._inner.finished(turn_id)

    async def cancel(self, turn_id: str) -> bool:
        await self._way.there()
        row = self._tape.get(turn_id)
        if row is None or row.ended:
            return False
        row.ended = True
        self._cancelled(turn_id)
        await self._inner.cancel(turn_id)
        return True

    async def forget(self, turn_ids: tuple[str, ...]) -> int:
        await self._way.there()
        ended = [turn_id for turn_id in turn_ids if turn_id in self._tape and self._tape[turn_id].ended]
        for turn_id in ended:
            self._tape[turn_id] = Recorded("", {}, True)
        return len(ended)

    async def erase(self, conversation: str, spared: str = "") -> int:
        await self._way.there()
        theirs = [turn for turn, row in self._tape.items() if row.conversation == conversation and turn != spared]
        for turn_id in theirs:
            self._tape[turn_id].ended = True
            await self._inner.cancel(turn_id)
            await self._inner.finished(turn_id)
            self._tape[turn_id] = Recorded("", {}, True)
        await self._way.back()
        return len(theirs)

    async def stop(self, deadline: float) -> None:
        self._serves = False
        await self._inner.stop(deadline)

    def _recorded(self, work: TurnWork) -> TurnWork:
        async def run(turn_id: str, steps: Steps) -> None:
            self._turn_begins(turn_id)
            row = self._tape[turn_id]
            await work(turn_id, _TapedSteps(row, self._runs.setdefault(turn_id, Run()), self._way))
            row.ended = True
            self._runs.pop(turn_id, None)

        return run


class _TapedSteps:
    """A step that was done in this process is not done again, even if it could not be recorded (as DurableSteps). One
    that a store failed is recorded too, and fails once more after a crash on the way to where the turn was."""

    def __init__(self, row: Recorded, run: Run, way: Way) -> None:
        self._row = row
        self._run = run
        self._way = way

    async def run(self, name: str, work: Callable[[], Awaitable[str]]) -> str:
        if name in self._row.steps:
            return self._row.steps[name]
        if self._run.met[name] < self._row.failed[name]:
            self._run.met[name] += 1
            raise StoreUnavailable("away when an earlier process came to this step in this simulation")
        if name not in self._run.results:
            try:
                self._run.results[name] = await work()
            except StoreUnavailable:
                await self._recordable()
                self._row.failed[name] += 1
                self._run.met[name] += 1
                raise
        await self._recordable()
        self._row.steps[name] = self._run.results[name]
        return self._row.steps[name]

    async def _recordable(self) -> None:
        """Wait until something can be recorded."""
        while True:
            try:
                await self._way.there()
            except StoreUnavailable:
                step()
                await asyncio.sleep(LOOKS_AGAIN)
            else:
                return
