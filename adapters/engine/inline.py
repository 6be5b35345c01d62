"""An engine of this process alone: order, concurrency and repetition as in the durable one, but nothing survives.

One task per turn, no thread and no database: what a turn costs here is the core's own work. After a crash the open
turns of the ledger are what is submitted again.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from functools import partial

from cachetools import FIFOCache

from adapters.engine.attempts import PAUSES, attempt
from bot.clock import Seconds
from bot.conversation.engine import TurnWork
from bot.errors import StoreUnavailable

CONCURRENCY = 1_000
REMEMBERED = 100_000


class _MemorySteps:
    """Steps of one turn: what ended is not done again when the turn is attempted again."""

    __slots__ = ("_results",)

    def __init__(self) -> None:
        self._results: dict[str, str] = {}

    async def run(self, name: str, work: Callable[[], Awaitable[str]]) -> str:
        if name not in self._results:
            self._results[name] = await work()
        return self._results[name]


class InlineEngine:
    """Engine in memory. At most ``concurrency`` turns run at once; the last ``remembered`` ids are recognised."""

    def __init__(
        self, *, concurrency: int = CONCURRENCY, remembered: int = REMEMBERED, pauses: tuple[Seconds, ...] = PAUSES
    ) -> None:
        self._concurrency = concurrency
        self._pauses = pauses
        self._seen: FIFOCache[str, None] = FIFOCache(remembered)
        self._lanes: dict[str, deque[str]] = {}  # conversation -> its turns not ended, the first is ready or running
        self._ready: OrderedDict[str, None] = OrderedDict()  # conversations whose first turn waits for a place
        self._open: dict[str, str] = {}  # turn not ended -> its conversation
        self._steps: dict[str, _MemorySteps] = {}
        self._running: dict[str, asyncio.Task[bool]] = {}
        self._cancelled: set[str] = set()
        self._waiters: dict[str, asyncio.Event] = {}
        self._work: TurnWork | None = None
        self._give_up: TurnWork | None = None
        self._group = asyncio.TaskGroup()
        self._host: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    async def start(self, work: TurnWork, give_up: TurnWork | None = None) -> None:
        if self._host is not None:
            raise RuntimeError("the engine is started already: stop it first")
        self._work, self._give_up = work, give_up
        self._group, self._stopping = asyncio.TaskGroup(), asyncio.Event()
        serving = asyncio.Event()
        self._host = asyncio.create_task(self._serve(serving), name="inline engine")
        await serving.wait()
        self._ready = OrderedDict.fromkeys(self._lanes)
        self._fill()

    async def submit(self, turn_id: str, conversation: str) -> bool:
        if self._host is None or self._stopping.is_set():
            raise StoreUnavailable("the engine takes no turns: it is not started, or stopping; send the event again")
        if turn_id in self._seen or turn_id in self._open:
            return False
        self._seen[turn_id] = None
        self._open[turn_id] = conversation
        lane = self._lanes.get(conversation)
        if lane is not None:
            lane.append(turn_id)
        else:
            self._lanes[conversation] = deque((turn_id,))
            self._ready[conversation] = None
            self._fill()
        return True

    async def finished(self, turn_id: str) -> None:
        if turn_id in self._open:
            await self._waiters.setdefault(turn_id, asyncio.Event()).wait()

    async def cancel(self, turn_id: str) -> bool:
        if turn_id not in self._open or turn_id in self._cancelled:
            return False
        task = self._running.get(turn_id)
        if task is None:
            self._end(turn_id)
        else:
            self._cancelled.add(turn_id)
            task.cancel()
        return True

    async def forget(self, turn_ids: tuple[str, ...]) -> int:
        # Nothing is kept of an ended turn but its id.
        return 0

    async def erase(self, conversation: str, spared: str = "") -> int:
        theirs = [turn_id for turn_id in self._lanes.get(conversation, ()) if turn_id != spared]
        for turn_id in theirs:
            await self.cancel(turn_id)
            await self.finished(turn_id)
        return len(theirs)

    async def stop(self, deadline: float) -> None:
        if self._host is None:
            return
        self._stopping.set()
        if self._running:
            await asyncio.wait(self._running.values(), timeout=deadline)
        for task in self._running.values():
            task.cancel()
        await self._host
        self._host = None

    async def _serve(self, serving: asyncio.Event) -> None:
        async with self._group:
            serving.set()
            try:
                await self._stopping.wait()
            finally:
                self._stopping.set()  # also when the process itself is cut off: nothing new begins

    def _fill(self) -> None:
        """Give free places to conversations that wait for one, in the order they came."""
        assert self._work is not None  # noqa: S101 - start() set it, and nothing runs before
        while self._ready and len(self._running) < self._concurrency and not self._stopping.is_set():
            conversation, _ = self._ready.popitem(last=False)
            turn_id = self._lanes[conversation][0]
            steps = self._steps.setdefault(turn_id, _MemorySteps())
            task = self._group.create_task(attempt(self._work, turn_id, steps, self._pauses, self._give_up))
            self._running[turn_id] = task
            task.add_done_callback(partial(self._settle, turn_id))

    def _settle(self, turn_id: str, task: asyncio.Task[bool]) -> None:
        """After a task: end its turn, unless stop() cut it off, which leaves it for the next start."""
        del self._running[turn_id]
        if not task.cancelled() or turn_id in self._cancelled:
            self._end(turn_id)
        self._fill()

    def _end(self, turn_id: str) -> None:
        conversation = self._open.pop(turn_id)
        lane = self._lanes[conversation]
        first = lane[0] == turn_id
        lane.remove(turn_id)
        if not lane:
            del self._lanes[conversation]
            self._ready.pop(conversation, None)
        elif first:
            self._ready[conversation] = None
        self._steps.pop(turn_id, None)
        self._cancelled.discard(turn_id)
        waiter = self._waiters.pop(turn_id, None)
        if waiter is not None:
            waiter.set()
