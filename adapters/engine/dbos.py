"""The durable engine: DBOS on a SQLite file, or on PostgreSQL when there are many processes.

A turn is a DBOS workflow whose id is the turn's; the queue is partitioned by conversation, one turn at a time each. No
text of people reaches its tables: a turn is an id, a conversation a hash, the result of a step a short token, an error
the name of its class.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Final

from dbos import DBOS

from adapters.engine import admission, rows
from adapters.engine.admission import Submission
from adapters.engine.attempts import PAUSES, attempt
from adapters.engine.dbos_session import Session, stopped
from bot.clock import Clock, Seconds
from bot.conversation.engine import TurnWork

CONCURRENCY: Final = 500
WATCH: Final[tuple[Seconds, Seconds]] = (0.1, 2.0)
"""First and longest pause between looks at a turn that may end in another process."""
WAITING: Final = ["ENQUEUED", "PENDING", "DELAYED"]
ENDED: Final = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


class _DurableSteps:
    """Steps recorded by DBOS. Results are also kept here, so that another attempt in this process repeats none, not
    even one whose record failed on a full disk."""

    __slots__ = ("_recorded", "_results")

    def __init__(self) -> None:
        self._results: dict[str, str] = {}
        self._recorded: set[str] = set()

    async def run(self, name: str, work: Callable[[], Awaitable[str]]) -> str:
        async def once() -> str:
            if name not in self._results:
                self._results[name] = await work()
            return self._results[name]

        if name not in self._recorded:
            self._results[name] = await DBOS.run_step_async({"name": name}, once)
            self._recorded.add(name)
        return self._results[name]


class DbosEngine:
    """Engine on DBOS. One per process, because DBOS is. ``executor`` names this process among those on the same
    database; a file belongs to one process alone."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        executor: str = "local",
        concurrency: int = CONCURRENCY,
        pauses: tuple[Seconds, ...] = PAUSES,
    ) -> None:
        self._url = url
        self._clock = clock
        self._executor = executor
        self._concurrency = concurrency
        self._pauses = pauses
        self._running: dict[str, asyncio.Task[object]] = {}
        self._cancelled: set[str] = set()
        self._parked: set[str] = set()
        self._here: set[str] = set()  # submitted to this process and not seen to end
        self._ends: dict[str, asyncio.Event] = {}
        self._session: Session | None = None
        self._stopping = False

    async def start(self, work: TurnWork) -> None:
        """Also raises StoreUnavailable: no such folder, read-only, disk full, or another process has the file."""
        if self._session is not None:
            raise RuntimeError("the engine is started already: stop it first")
        self._stopping = False
        session = Session(self._url, self._executor, self._concurrency)
        await session.open(self._turn_of(work))
        self._session = session

    async def submit(self, turn_id: str, conversation: str) -> bool:
        session = self._open_session()
        fresh = await session.admissions.do(Submission(turn_id, conversation, self._clock.now()))
        if fresh:
            self._here.add(turn_id)
            session.bell.ring()
        return fresh

    async def finished(self, turn_id: str) -> None:
        pause, longest = WATCH
        if turn_id not in self._here and not await self._waiting(turn_id):
            return
        while True:
            try:
                async with asyncio.timeout(pause if turn_id not in self._here else longest):
                    await self._ends.setdefault(turn_id, asyncio.Event()).wait()
                return
            except TimeoutError:
                if not await self._waiting(turn_id):
                    self._ended(turn_id)
                    return
                pause = min(2 * pause, longest)

    async def cancel(self, turn_id: str) -> bool:
        session = self._open_session()
        task = self._running.get(turn_id)
        if task is None and not await self._waiting(turn_id):
            return False
        await session.ask(partial(session.client.cancel_workflow, turn_id))
        if task is None:
            self._ended(turn_id)
        elif not task.done():
            self._cancelled.add(turn_id)
            task.cancel()
        session.bell.ring()
        return True

    async def forget(self, turn_ids: tuple[str, ...]) -> int:
        session = self._open_session()
        ended = await session.ask(
            partial(
                session.client.list_workflows,
                workflow_ids=list(turn_ids),
                status=ENDED,
                load_input=False,
                load_output=False,
            )
        )
        ids = [workflow.workflow_id for workflow in ended]
        if ids:
            await session.ask(partial(session.client.delete_workflows, ids))
        return len(ids)

    async def erase(self, conversation: str, spared: str = "") -> int:
        if self._session is None:
            return await asyncio.to_thread(rows.erase_at_rest, self._url, conversation)
        session = self._open_session()
        known = await session.ask(partial(rows.turns_of, session.database, conversation))
        theirs = tuple(turn_id for turn_id in known if turn_id != spared)
        for turn_id in theirs:
            if await self.cancel(turn_id):
                await self.finished(turn_id)
        return await session.ask(partial(rows.delete_turns, session.database, theirs))

    async def purge(self, now: Seconds, limit: int) -> int:
        """Forget at most ``limit`` ended turns, then ids too old to be sent again; returns how many rows went."""
        session = self._open_session()
        ended = await session.ask(
            partial(session.client.list_workflows, status=ENDED, limit=limit, load_input=False, load_output=False)
        )
        ids = [workflow.workflow_id for workflow in ended]
        if ids:
            await session.ask(partial(session.client.delete_workflows, ids))
        if len(ids) == limit:
            return limit
        return len(ids) + await session.ask(partial(admission.purge, session.database, now, limit - len(ids)))

    async def stop(self, deadline: float) -> None:
        session = self._session
        if session is None or self._stopping:
            return
        self._stopping = True
        working = [task for turn_id, task in self._running.items() if turn_id not in self._parked]
        if working:
            await asyncio.wait(working, timeout=deadline)
        left = list(self._running.values())
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)
        await session.close()
        self._session = None
        self._here.clear()

    def _turn_of(self, work: TurnWork) -> Callable[[str], Coroutine[None, None, None]]:
        """The workflow: what DBOS runs for each turn id, again after a crash."""

        async def turn(turn_id: str) -> None:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - a coroutine that runs has a task
            self._running[turn_id] = task
            task.add_done_callback(partial(self._settle, turn_id))
            if self._stopping:
                # Taken from the queue a moment too late: stop() cuts it off, and the next start runs it.
                self._parked.add(turn_id)
                await asyncio.Event().wait()
            await attempt(work, turn_id, _DurableSteps(), self._pauses)

        return turn

    def _settle(self, turn_id: str, task: asyncio.Task[object]) -> None:
        """After a turn, its outcome recorded: tell those who wait, and let the next of its conversation begin."""
        del self._running[turn_id]
        self._parked.discard(turn_id)
        if not task.cancelled() or turn_id in self._cancelled:
            self._cancelled.discard(turn_id)
            self._ended(turn_id)
        if self._session is not None:
            self._session.bell.ring()

    def _ended(self, turn_id: str) -> None:
        self._here.discard(turn_id)
        event = self._ends.pop(turn_id, None)
        if event is not None:
            event.set()

    async def _waiting(self, turn_id: str) -> bool:
        """Whether the database knows the turn as queued or running, here or in another process."""
        session = self._open_session()
        found = await session.ask(
            partial(
                session.client.list_workflows,
                workflow_ids=[turn_id],
                status=WAITING,
                load_input=False,
                load_output=False,
            )
        )
        return bool(found)

    def _open_session(self) -> Session:
        if self._session is None or self._stopping:
            raise stopped()
        return self._session
