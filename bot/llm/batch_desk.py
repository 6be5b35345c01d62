"""Where requests wait for a batch, and batches for their end. Each is handed in once, however often a job is killed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from bot.clock import Clock, Seconds
from bot.errors import ProviderError, ProviderRateLimited, ProviderTimeout, ProviderUnavailable, RaiseBotError
from bot.llm.batch_journal import BatchJournal, Handed
from bot.llm.batches import BatchItem, BatchProgress, BatchProvider, BatchRefused
from bot.llm.provider import Reply

T = TypeVar("T")
PASSING: Final = (ProviderTimeout, ProviderUnavailable, ProviderRateLimited)
"""What another try may mend."""
_OVERHEAD: Final = 600
"""Bytes of a request besides its texts, roughly."""
_Queue = dict[str, tuple[BatchItem, asyncio.Future[None]]]
"""Item id -> the item, and what tells its caller that it was handed in."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds. ``linger``: without a new request before a batch is handed in. A batch is looked after ``first``, then
    ever less often, up to ``longest``; after ``patience`` looks in a row that failed, the job gives up for now."""

    linger: Seconds = 2.0
    first: Seconds = 5.0
    longest: Seconds = 60.0
    patience: int = 20


class BatchDesk:
    """Hands in what is asked for and waits for it. For one event loop."""

    def __init__(
        self,
        batches: BatchProvider,
        journal: BatchJournal,
        clock: Clock,
        rhythm: Rhythm,
        sleep: Callable[[Seconds], Awaitable[None]],
    ) -> None:
        self.handed_in, self.found = 0, 0
        self.under_way: dict[str, BatchProgress] = {}
        self._batches, self._journal, self._clock = batches, journal, clock
        self._rhythm, self._sleep = rhythm, sleep
        self._queue: _Queue = {}
        self._gatherer: asyncio.Task[None] | None = None
        self._handing_in = False
        self._followed: dict[str, asyncio.Task[dict[str, Reply | ProviderError] | None]] = {}

    def knows(self, item: str) -> bool:
        """Whether a batch with this item was handed in."""
        return self._journal.batch_of(item) is not None

    async def outcome(self, item: BatchItem) -> Reply | ProviderError:
        """What became of an item, in the batch that holds it or the next one. Raises ProviderError where the provider
        takes no batch or cannot be reached for long."""
        while True:
            handed = self._journal.batch_of(item.id)
            if handed is None:
                await self._queued(item)
                continue
            following = self._followed.get(handed.tag)
            if following is None:
                self.found += 1
                following = self._followed[handed.tag] = _task(self._follow(handed))
            # Shielded: one that gives up leaves the others the batch.
            outcomes = await asyncio.shield(following)
            if outcomes is not None:
                missing = ProviderUnavailable("a batch ended without a result for one of its requests")
                return outcomes.pop(item.id, missing)

    async def close(self) -> None:
        """Hand in nothing new; a batch that is being handed in is waited for and kept."""
        self._queue.clear()
        if self._gatherer is not None:
            if not self._handing_in:
                self._gatherer.cancel()
            await asyncio.wait([self._gatherer])
        for following in self._followed.values():
            following.cancel()
        if self._followed:
            await asyncio.wait(self._followed.values())

    async def _queued(self, item: BatchItem) -> None:
        """Until a batch with this item was handed in. Raises ProviderError where none is taken."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue[item.id] = item, future
        if self._gatherer is None or self._gatherer.done():
            self._gatherer = _task(self._gather())
        await future

    async def _gather(self) -> None:
        while self._queue:
            seen = 0
            while seen < len(self._queue) < self._batches.limits.items:
                seen = len(self._queue)
                await self._sleep(self._rhythm.linger)
            if cut := self._cut():
                self._handing_in = True
                try:
                    await self._hand_in(cut)
                finally:
                    self._handing_in = False

    def _cut(self) -> _Queue:
        """As much of the queue as one batch takes; of one item at least."""
        limits, size = self._batches.limits, 0
        cut: _Queue = {}
        for name in list(self._queue):
            item, future = self._queue[name]
            size += _size(item)
            if cut and (size > limits.size or len(cut) == limits.items):
                break
            del self._queue[name]
            if not future.done():  # its caller gave up
                cut[name] = item, future
        return cut

    async def _hand_in(self, cut: _Queue) -> None:
        tag = hashlib.blake2s("\n".join(cut).encode(), digest_size=16).hexdigest()
        problem: RaiseBotError | None = ProviderUnavailable("a batch could not be handed in")
        try:
            at = self._journal.handing_in(tag, self._clock.now(), list(cut)).at
            batch = await self._taken(tag, at, [item for item, _ in cut.values()])
            self._followed[tag] = _task(self._follow(self._journal.handed_in(tag, batch)))
            self.handed_in += 1
            problem = None
        except RaiseBotError as raised:
            problem = raised
        finally:
            for _, future in cut.values():
                _tell(future, problem)
        if isinstance(problem, ProviderError) and not isinstance(problem, PASSING):
            # Refused. Where no answer came it may have been taken: the next run looks for it.
            self._journal.lost(tag)

    async def _taken(self, tag: str, at: Seconds, items: list[BatchItem]) -> str:
        """Hand it in; where an answer stays away, look whether it was taken before it is handed in again."""
        attempt = 0
        while True:
            try:
                found = await self._find(tag, at, len(items)) if attempt else None
                return found or await self._batches.submit(tag, items)
            except PASSING as problem:
                attempt += 1
                if attempt >= self._rhythm.patience:
                    raise
                asked = problem.retry_after if isinstance(problem, ProviderRateLimited) else None
                await self._sleep(asked or min(self._rhythm.longest, self._rhythm.first * 2.0**attempt))

    async def _find(self, tag: str, at: Seconds, size: int) -> str | None:
        return await self._batches.find(tag, at, size, self._journal.ids)

    async def _follow(self, handed: Handed) -> dict[str, Reply | ProviderError] | None:
        """What became of each item; None where the batch was never taken. Raises ProviderError where the provider
        cannot be reached for long."""
        wait, failures = self._rhythm.first, 0
        try:
            while True:
                try:
                    batch = await self._batch(handed)
                    if batch is None:
                        return None
                    progress = self.under_way[handed.tag] = await self._batches.poll(batch)
                    if progress.ended:
                        return {name: outcome async for name, outcome in self._batches.results(batch)}
                    failures = 0
                except BatchRefused:
                    self._journal.lost(handed.tag)
                    raise
                except PASSING:
                    failures += 1
                    if failures >= self._rhythm.patience:
                        raise
                await self._sleep(wait)
                wait = min(self._rhythm.longest, wait * 1.5)
        finally:
            self.under_way.pop(handed.tag, None)

    async def _batch(self, handed: Handed) -> str | None:
        """The provider's id, also where a kill came before it was kept; None where the batch was never taken."""
        if handed.batch:
            return handed.batch
        found = await self._find(handed.tag, handed.at, len(handed.items))
        if found is None:
            self._journal.lost(handed.tag)
            del self._followed[handed.tag]
            return None
        return self._journal.handed_in(handed.tag, found).batch


def _task(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    task = asyncio.get_running_loop().create_task(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())  # seen, also when nobody waits any more
    return task


def _tell(future: asyncio.Future[None], problem: RaiseBotError | None) -> None:
    if future.done():
        return
    if problem is None:
        future.set_result(None)
    else:
        future.set_exception(problem)


def _size(item: BatchItem) -> int:
    """Bytes of a request, roughly: its texts, those of the schema and quoting."""
    texts = (item.prompt.system, *(message.text.reveal() for message in item.prompt.messages))
    return _OVERHEAD + sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) + len(str(item.schema or ""))
