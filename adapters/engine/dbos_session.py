"""One run of DBOS in this process: opened at start, closed at stop, as often as one likes.

A turn whose conversation has no other begins at once (``taking``). DBOS looks for those that had to wait at an
interval, and a look costs about 5 ms of CPU: its own queue thread is woken when there is one, so that it starts within
about 10 ms while an idle bot costs next to nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final, TypeVar

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, Queue, Serializer
from dbos._queue import queue_worker_thread

from adapters.batching import Batcher
from adapters.database import Alone, connect, unavailable
from adapters.engine import replicas, taking
from adapters.engine.admission import GIVEN_UP, QUEUE, TURN, Admitted, Place, Submission, metadata, number, partition
from bot.clock import Seconds
from bot.conversation.replicas import Replica
from bot.errors import StoreUnavailable

T = TypeVar("T")
NAME: Final = "raise-bot"
WHAT: Final = "the store of running turns"
VERSION: Final = "1"
"""The same over releases, so that a new one takes up what the old one left. Raised when steps change their meaning."""
CRASHES: Final = 100
"""A turn found running after this many crashes is given up: it may be what kills the process. Giving it up may crash as
often."""
_LOCK: Final = 0x7475726E73  # "turns": the number of the advisory lock on PostgreSQL
CONNECTIONS: Final = 12
THREADS: Final = 32
LOOK_ANYWAY: Final[Seconds] = 0.5
"""How often the queue is looked at unasked: for turns queued by another process, or recovered at start."""
GATHER: Final[Seconds] = 0.004
"""Turns that come within this time of each other are taken from the queue together."""
_SOON: Final[Seconds] = 0.05
"""The first pause between looks for a turn that waits for one in another process."""

log: Final = logging.getLogger("raise_bot.engine")


class StepFailed(Exception):  # noqa: N818 - the name says what happened
    """A step that failed in an earlier run of the turn, met again on the way to where that run broke off."""


class TurnJson(Serializer):
    """What DBOS stores, as JSON: the id of a turn, short tokens, and of an error its class alone."""

    def serialize(self, data: object) -> str:
        return json.dumps({"error": type(data).__name__} if isinstance(data, BaseException) else data)

    def deserialize(cls, serialized_data: str) -> object:  # noqa: N805 - named as in the base class
        data: object = json.loads(serialized_data)
        if isinstance(data, dict) and "error" in data:
            return StepFailed(str(data["error"]))
        return data

    def name(self) -> str:
        return "raise_json"


class Bell(threading.Event):
    """The stop event of DBOS's queue thread, which also ends the thread's pause when there is a turn."""

    def __init__(self) -> None:
        super().__init__()
        self._rung = threading.Event()
        self._queued_at = float("-inf")

    def ring(self) -> None:
        """There may be a turn to take."""
        self._rung.set()

    def queued(self) -> None:
        """A turn waits for another of its conversation, which may run in another process: nobody rings when that ends,
        so the pauses are short at first, and longer the longer it takes."""
        self._queued_at = time.monotonic()
        self.ring()

    def set(self) -> None:
        super().set()
        self.ring()

    def wait(self, timeout: float | None = None) -> bool:
        if not super().wait(GATHER):
            patience = max((time.monotonic() - self._queued_at) / 4, _SOON)
            self._rung.wait(patience if timeout is None else min(timeout, patience))
            self._rung.clear()
        return self.is_set()


Turn = Callable[[str], Coroutine[None, None, None]]


class Session:
    """Everything that is open while DBOS runs."""

    def __init__(self, url: str, me: Replica, concurrency: int, crashes: int = CRASHES) -> None:
        """``me`` is how the other processes on the same database know this one; in a file there are none."""
        self._crashes = crashes
        self._database = connect(url, connections=CONNECTIONS, survive_power_cut=False)
        self.shared = self._database.dialect.name != "sqlite"
        self.me = me if self.shared else replace(me, name="local")
        self._joined = False
        self._concurrency = concurrency
        self._alone = Alone(self._database, WHAT)
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="turns")
        self._begins = ThreadPoolExecutor(max_workers=1, thread_name_prefix="turns-begin")
        self._client: DBOSClient | None = None
        self._looking: threading.Thread | None = None
        self._launched = False
        self.bell = Bell()
        self.beginning: set[str] = set()
        """Turns that were taken and are about to run."""
        self.admissions: Batcher[Submission, Admitted] = Batcher("turns-in", self._admit)

    async def open(self, turn: Turn, given_up: Turn) -> None:
        """Launch DBOS with ``turn`` as what is done for each turn id, and ``given_up`` for one that crashed too often.
        Raises StoreUnavailable."""
        try:
            await self.ask(self._prepare)
            self._launch(turn, given_up)
            if self.shared:
                await self.ask(self._join)
            await self._listen()
        except BaseException:
            await self.close()
            raise

    def queued(self) -> None:
        """A turn waits in the queue: have it looked at now, and again and again where another process may be in the
        way."""
        if self.shared:
            self.bell.queued()
        else:
            self.bell.ring()

    async def admit_no_more(self) -> None:
        """Afterwards nothing begins that did not wait in the queue."""
        await self.admissions.close()
        await asyncio.get_running_loop().run_in_executor(self._threads, self._begins.shutdown)

    async def close(self) -> None:
        """Let go of everything that :meth:`open` took, however far it came."""
        self.bell.set()
        await self.admit_no_more()
        if self._looking is not None:
            await self.ask(self._looking.join)
        if self._launched:
            await self.ask(partial(DBOS.destroy, destroy_registry=True))
            # DBOS made its own threads the loop's default ones, and has just ended them.
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(thread_name_prefix="asyncio"))
        if self._joined:
            with suppress(StoreUnavailable):  # then the others find out by themselves
                await self.ask(partial(replicas.leave, self._database, self.me.name))
        self._threads.shutdown(wait=True)
        self._database.dispose()
        self._alone.release()

    async def ask(self, question: Callable[[], T]) -> T:
        """Run a blocking call in a thread, outside of whatever turn is running. Raises StoreUnavailable."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, question)
        except sa.exc.SQLAlchemyError as error:
            raise unavailable(WHAT, self._database, error) from None

    @property
    def client(self) -> DBOSClient:
        assert self._client is not None  # noqa: S101 - open() makes it before anybody is given the session
        return self._client

    @property
    def database(self) -> sa.Engine:
        return self._database

    def _prepare(self) -> None:
        self._alone.take()
        with self._database.begin() as connection:
            if self.shared:  # two processes that begin at once must not both make the tables
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            metadata.create_all(connection)

    def _launch(self, turn: Turn, given_up: Turn) -> None:
        """Blocks the loop for less than 0.1 s: DBOS runs turns on the loop of the thread that launches it."""
        logger = logging.getLogger("dbos")
        if not logger.handlers:  # else DBOS writes to the terminal by itself
            logger.addHandler(logging.NullHandler())
        self._dbos = DBOS(config=self._config())
        self._launched = True
        for name, work in ((TURN, turn), (GIVEN_UP, given_up)):
            DBOS.workflow(name=name, max_recovery_attempts=self._crashes)(work)
        DBOS.listen_queues([])  # our own thread does
        try:
            DBOS.launch()
        except sa.exc.SQLAlchemyError as error:
            raise unavailable(WHAT, self._database, error) from None

    def _join(self) -> None:
        """Before the first turn is taken: whose process is not known as alive is anybody's."""
        replicas.join(self._database, self.me)
        self._joined = True

    async def _listen(self) -> None:
        queue: Queue = await DBOS.register_queue_async(
            QUEUE,
            partition_concurrency=1,
            worker_concurrency=self._concurrency,
            polling_interval_sec=LOOK_ANYWAY,
            on_conflict="always_update",
        )
        self._client = DBOSClient(
            system_database_engine=self._database, serializer=TurnJson(), application_name=NAME, lazy=True
        )
        self._looking = threading.Thread(
            target=queue_worker_thread, args=(self.bell, self._dbos, queue), name="turns-out", daemon=True
        )
        self._looking.start()
        self.bell.ring()

    def _config(self) -> DBOSConfig:
        return DBOSConfig(
            name=NAME,
            system_database_url=self._database.url.render_as_string(hide_password=False),
            system_database_engine=self._database,
            application_version=VERSION,
            executor_id=self.me.name,
            serializer=TurnJson(),
            log_level="ERROR",
            max_executor_threads=THREADS,
            notification_listener_polling_interval_sec=0.1,
            enable_otlp=False,
        )

    def _admit(self, submissions: Sequence[Submission]) -> list[Admitted]:
        """Queue every turn not admitted before, and take those that need not wait, all in one transaction."""
        owner, queued, taken = uuid.uuid4().hex, dict[str, EnqueueOptions](), frozenset[str]()
        try:
            with self._database.begin() as connection:
                taking.alone(connection, submissions)
                places = number(connection, submissions)
                for each in submissions:
                    if each.turn_id in places and each.turn_id not in queued:
                        queued[each.turn_id] = _described(each, places[each.turn_id])
                        self.client.enqueue_in_transaction(connection, queued[each.turn_id], each.turn_id)
                running = self._dbos._active_workflows_set.count_for_queue(QUEUE)
                if queued and running + len(queued) <= self._concurrency:
                    taken = taking.take(connection, list(queued), self.me.name, owner, submissions[-1].at)
        except sa.exc.SQLAlchemyError as error:
            raise unavailable(WHAT, self._database, error) from None
        if taken:
            self.beginning |= taken
            self._begins.submit(self._begin, [queued[turn_id] for turn_id in taken], owner)
        outcomes = {turn_id: Admitted.TAKEN if turn_id in taken else Admitted.QUEUED for turn_id in queued}
        # An id that came twice in this batch is new once.
        return [outcomes.pop(each.turn_id, Admitted.KNOWN) for each in submissions]

    def _begin(self, taken: Sequence[EnqueueOptions], owner: str) -> None:
        for options in taken:
            taking.begin(self._dbos, options, owner)
            self.beginning.discard(options["workflow_id"])


def _described(submission: Submission, place: Place) -> EnqueueOptions:
    return {
        "workflow_name": TURN,
        "queue_name": QUEUE,
        "workflow_id": submission.turn_id,
        "app_version": VERSION,
        "application_name": NAME,
        "queue_partition_key": partition(submission.conversation),
        "priority": place,
    }


def stopped() -> StoreUnavailable:
    """Said to whoever comes before start or after stop."""
    return StoreUnavailable("the engine takes no turns: it is not started, or stopping; send the event again")
