"""A scripted core: claims each event once, runs a script per turn in order, and can be cut down in the middle.

What it must not lose lives in a :class:`Journal`, as a database would keep it; a new intake on the same journal takes
up the turns an earlier one left unfinished. Steps that were recorded are not run again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.chat import Inbound, Platform, Receipt, Undelivered
from bot.errors import StoreUnavailable
from bot.identity import Person


@dataclass
class Journal:
    """``claims`` in order; ``steps`` done per turn; ``closed`` turns; ``refused`` deliveries; ``down``: no claims."""

    claims: dict[str, Inbound] = field(default_factory=dict)
    steps: set[tuple[str, str]] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    down: bool = False


class Turn:
    """What a script may do."""

    def __init__(self, inbound: Inbound, platform: Platform, journal: Journal) -> None:
        self.inbound = inbound
        self.platform = platform
        self.journal = journal

    async def step(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Run once, also over restarts; what is refused for the moment is tried again."""
        key = (self.inbound.turn_id, name)
        while key not in self.journal.steps:
            outcome = await work()
            if isinstance(outcome, Undelivered) and not outcome.permanent:
                await asyncio.sleep(0.01)
                continue
            if isinstance(outcome, Undelivered):
                self.journal.refused.append(outcome.problem)
            self.journal.steps.add(key)


Script = Callable[[Turn], Awaitable[None]]
AtOnce = Callable[[Inbound, Platform], Awaitable[bool]]


async def _never(inbound: Inbound, platform: Platform) -> bool:
    return False


class ScriptedIntake:
    """``crisis`` is asked before the claim and says whether it replied."""

    def __init__(self, script: Script, journal: Journal | None = None, crisis: AtOnce = _never) -> None:
        self.journal = journal if journal is not None else Journal()
        self.accepted: list[Inbound] = []
        self.dead = False
        self._script = script
        self._crisis = crisis
        self._platform: Platform | None = None
        self._queues: dict[Person, asyncio.Queue[str]] = {}
        self._done: dict[str, asyncio.Event] = {}
        self._group: asyncio.TaskGroup | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> ScriptedIntake:
        self._group = await asyncio.TaskGroup().__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        for task in self._tasks:
            task.cancel()
        if self._group is not None:
            await self._group.__aexit__(None, None, None)

    def serve(self, platform: Platform) -> None:
        """Begin, and take up what was left."""
        self._platform = platform
        for turn_id, inbound in self.journal.claims.items():
            if turn_id not in self.journal.closed:
                self._queue(inbound)

    async def accept(self, inbound: Inbound) -> Receipt:
        if self._platform is None or self.dead:
            raise StoreUnavailable("not serving")
        crisis = await self._crisis(inbound, self._platform)
        if self.journal.down or self.dead:
            raise StoreUnavailable("the journal is down")
        turn_id = inbound.turn_id
        if turn_id in self.journal.claims:
            return Receipt(turn_id, duplicate=True, crisis=crisis)
        self.journal.claims[turn_id] = inbound
        self.accepted.append(inbound)
        self._queue(inbound)
        return Receipt(turn_id, crisis=crisis)

    async def finished(self, turn_id: str) -> None:
        if turn_id not in self.journal.closed:
            await self._done.setdefault(turn_id, asyncio.Event()).wait()

    async def idle(self) -> None:
        """Return when every claimed turn has ended."""
        for turn_id in list(self.journal.claims):
            await self.finished(turn_id)

    def _queue(self, inbound: Inbound) -> None:
        queue = self._queues.get(inbound.person)
        if queue is None:
            queue = self._queues[inbound.person] = asyncio.Queue()
            assert self._group is not None
            self._tasks.add(self._group.create_task(self._work(queue)))
        queue.put_nowait(inbound.turn_id)

    async def _work(self, queue: asyncio.Queue[str]) -> None:
        assert self._platform is not None
        while True:
            turn_id = await queue.get()
            await self._script(Turn(self.journal.claims[turn_id], self._platform, self.journal))
            self.journal.closed.add(turn_id)
            self._done.setdefault(turn_id, asyncio.Event()).set()
