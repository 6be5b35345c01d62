"""The durable engine: DBOS on a SQLite file, or on PostgreSQL when there are many processes.

A turn is a DBOS workflow whose id is the turn's; the queue is partitioned by conversation, one turn at a time each. No
text of people reaches its tables: a turn is an id, a conversation a hash, the result of a step a short token, an error
the name of its class.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Final

from adapters.engine import admission, replicas, rows
from adapters.engine.admission import Admitted, Submission
from adapters.engine.attempts import PAUSES, attempt, given_up
from adapters.engine.dbos_session import CRASHES, Session, stopped
from adapters.engine.lease import TERMS, Lease, Terms
from adapters.engine.presence import Presence
from adapters.engine.steps import DurableSteps
from adapters.engine.submitted import Submitted
from bot.clock import Clock, Seconds
from bot.conversation.engine import Steps, TurnWork
from bot.conversation.replicas import Replica
from bot.errors import StoreError

CONCURRENCY: Final = 500
WATCH: Final[tuple[Seconds, Seconds]] = (0.1, 2.0)
"""First and longest pause between looks at a turn that may end in another process."""
RETURNS: Final[Seconds] = 1.5
"""How long an event waits for a process that begins anew, before it is to be sent again."""
WAITING: Final = ["ENQUEUED", "PENDING", "DELAYED"]
log: Final = logging.getLogger("raise_bot.engine")
ENDED: Final = ["SUCCESS", "ERROR", "CANCELLED"]


class DbosEngine:
    """Engine on DBOS, and Replicas. One per process, because DBOS is. ``name`` names this process among those on the
    same database; a file belongs to one process alone."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        name: str = "",
        concurrency: int = CONCURRENCY,
        pauses: tuple[Seconds, ...] = PAUSES,
        terms: Terms = TERMS,
        crashes: int = CRASHES,
    ) -> None:
        self._url = url
        self._clock = clock
        self._me = Replica(name or f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}", "", "")
        self._terms = terms
        self._crashes = crashes
        self._concurrency = concurrency
        self._pauses = pauses
        self._running: dict[str, asyncio.Task[object]] = {}
        self._cancelled: set[str] = set()
        self._parked: set[str] = set()
        self._here = Submitted()
        self._ends: dict[str, asyncio.Event] = {}
        self._session: Session | None = None
        self._presence: Presence | None = None
        self._begin: Callable[[], Awaitable[None]] | None = None
        self._after_takeover: Callable[[], Awaitable[object]] | None = None
        self._returning: asyncio.Task[None] | None = None
        self._lives = 0
        self._halting = False
        self._stopping = False

    async def start(self, work: TurnWork, give_up: TurnWork | None = None) -> None:
        """Also raises StoreUnavailable: no such folder, read-only, disk full, or another process has the file."""
        if self._session is not None:
            raise RuntimeError("the engine is started already: stop it first")
        self._stopping = False
        self._begin = partial(self._open, work, give_up)
        await self._begin()

    def introduce(self, release: str, policy: str) -> None:
        self._me = replace(self._me, release=release, policy=policy)

    async def others(self) -> tuple[Replica, ...]:
        session = await self._ready()
        if not session.shared:
            return ()
        return await session.ask(partial(replicas.others, session.database, session.me.name, self._terms.lasts))

    def on_takeover(self, then: Callable[[], Awaitable[object]]) -> None:
        self._after_takeover = then

    async def submit(self, turn_id: str, conversation: str) -> bool:
        session = await self._ready()
        known, admitted = turn_id in self._here, Admitted.KNOWN
        self._here.add(turn_id, conversation)  # already now: it may have ended when we hear that it was taken
        try:
            admitted = await session.admissions.do(Submission(turn_id, conversation, self._clock.now()))
        finally:
            if admitted is Admitted.KNOWN and not known:
                self._here.discard(turn_id)
        if admitted is Admitted.QUEUED:
            session.queued()
        return admitted is not Admitted.KNOWN

    async def finished(self, turn_id: str) -> None:
        pause, longest = WATCH
        if turn_id not in self._here and not await self._waiting(turn_id):
            return
        while True:
            elsewhere = turn_id not in self._here or (self._session is not None and self._session.shared)
            try:
                async with asyncio.timeout(pause if elsewhere else longest):
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
        if self._stopping:
            return
        self._stopping = True
        if self._returning is not None:
            await asyncio.wait({self._returning})
        await self._halt(deadline)
        self._here.clear()

    async def _open(self, work: TurnWork, give_up: TurnWork | None) -> None:
        """Begin to serve, under a name that no earlier life of this process had: what that left is everybody's."""
        self._lives += 1
        me = replace(self._me, name=f"{self._me.name}-{self._lives}")
        session = Session(self._url, me, self._concurrency, self._crashes)
        presence = Presence(
            session, self._terms, self._running.keys(), lambda: self._me.policy, self._lost, self._rescued
        )
        await session.open(
            self._workflow(presence.lease, partial(attempt, work, pauses=self._pauses, give_up=give_up)),
            self._workflow(presence.lease, partial(given_up, give_up, pauses=self._pauses)),
        )
        self._session, self._presence = session, presence
        presence.begin()

    async def _halt(self, deadline: float) -> None:
        """Let what runs end within ``deadline`` seconds, cut the rest off, close the session."""
        session, presence = self._session, self._presence
        if session is None or presence is None:
            return
        self._halting = True
        await session.admit_no_more()
        working = [task for turn_id, task in self._running.items() if turn_id not in self._parked]
        if working:
            await asyncio.wait(working, timeout=deadline)
        left = list(self._running.values())
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)
        await presence.end()
        await session.close()
        self._session, self._halting = None, False

    def _lost(self) -> None:
        log.warning(
            "this process was silent for more than %g s, and others took over its turns; it begins anew",
            self._terms.lasts,
        )
        self._returning = asyncio.create_task(self._return())

    async def _return(self) -> None:
        """Leave what was begun to those who took it over, and serve again."""
        await self._halt(0.0)
        assert self._begin is not None  # noqa: S101 - only what was started can be lost
        while not self._stopping:
            try:
                await self._begin()
            except StoreError as problem:
                log.warning("this process cannot begin anew yet: %s", problem)
                await asyncio.sleep(self._terms.every)
            else:
                return

    async def _rescued(self) -> None:
        if self._after_takeover is not None:
            await self._after_takeover()

    def _workflow(
        self, lease: Lease, work: Callable[[str, Steps], Awaitable[object]]
    ) -> Callable[[str], Coroutine[None, None, None]]:
        """What DBOS runs for each turn id, again after a crash."""

        async def turn(turn_id: str) -> None:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - a coroutine that runs has a task
            self._running[turn_id] = task
            task.add_done_callback(partial(self._settle, turn_id))
            if self._halting:
                # Taken from the queue a moment too late: stop() cuts it off, and the next start runs it.
                self._parked.add(turn_id)
                await asyncio.Event().wait()
            await lease.held()
            await work(turn_id, DurableSteps(lease.held))

        return turn

    def _settle(self, turn_id: str, task: asyncio.Task[object]) -> None:
        """After a turn, its outcome recorded: tell those who wait, and let the next of its conversation begin."""
        last = self._here.last(turn_id)
        del self._running[turn_id]
        self._parked.discard(turn_id)
        if not task.cancelled() or turn_id in self._cancelled:
            self._cancelled.discard(turn_id)
            self._ended(turn_id)
        if self._session is not None and not last:
            self._session.bell.ring()

    def _ended(self, turn_id: str) -> None:
        self._here.discard(turn_id)
        event = self._ends.pop(turn_id, None)
        if event is not None:
            event.set()

    async def _waiting(self, turn_id: str) -> bool:
        """Whether the database knows the turn as queued or running, here or in another process."""
        session = await self._ready()
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

    async def _ready(self) -> Session:
        """The session, after a moment's patience where this process is just beginning anew."""
        if self._returning is not None and not self._returning.done():
            await asyncio.wait({self._returning}, timeout=RETURNS)
        return self._open_session()

    def _open_session(self) -> Session:
        if self._session is None or self._halting or self._stopping:
            raise stopped()
        return self._session
