"""Calls of a job put together into batches, each handed in once however often the job is killed.

What is asked waits until nothing more comes (``Rhythm.linger``) and is handed in together. The batch and what is in it
are on the disk before the provider is asked (:class:`~bot.llm.batch_journal.BatchJournal`), so that a job that was
killed finds it again and waits for that one. A request that failed in a batch, or expired with it, is put into one more
batch, and after that asked singly at the full price. The first call of each purpose is asked singly too: a wrong key or
a parameter that the model does not take shows at once, and not after a day.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Final, TypeVar

from bot.clock import Clock, Seconds
from bot.errors import MalformedReply, ProviderDeclined, ProviderError
from bot.llm.batch_desk import PASSING, BatchDesk, Rhythm
from bot.llm.batch_journal import BatchJournal
from bot.llm.batches import BatchItem, BatchProgress, BatchProvider
from bot.llm.pacing import Pace
from bot.llm.provider import Prompt, Provider, Purpose, Reply, Shape, Structured
from bot.llm.structured import Ask, Schema, ask_structured

T = TypeVar("T")
_TURNS: Final = 2
"""Batches that a request is put into before it is asked singly."""


@dataclass(slots=True)
class BatchTally:
    """``items`` answered in batches, ``failed`` ones by the kind of error, and ``singly`` what was asked at the full
    price."""

    items: int = 0
    singly: int = 0
    failed: Counter[str] = field(default_factory=Counter)


class _NotInBatchError(Exception):
    """The request failed in every batch: it has to be asked singly."""


class Batched:
    """One model, asked in batches. ``provider`` answers what is asked singly, within ``pace``; ``journal`` may be
    shared with other models of the job. For one event loop."""

    def __init__(
        self,
        provider: Provider,
        batches: BatchProvider,
        journal: BatchJournal,
        pace: Pace,
        clock: Clock,
        rhythm: Rhythm,
        *,
        sleep: Callable[[Seconds], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.tally = BatchTally()
        self.waiting: set[str] = set()
        """Keys of calls that wait for a batch, and may be given up: the batch is found again."""
        self._provider, self._pace = provider, pace
        self._desk = BatchDesk(batches, journal, clock, rhythm, sleep)
        self._probes: dict[Purpose, asyncio.Lock] = {}
        self._probed: set[Purpose] = set()
        self._broken: ProviderError | None = None

    @property
    def under_way(self) -> Collection[BatchProgress]:
        """How far the batches are that are waited for."""
        return self._desk.under_way.values()

    def told(self) -> dict[str, object]:
        """For a manifest: batches handed in now and found from an earlier run, and what came of their items."""
        tally = self.tally
        return {
            "handed_in": self._desk.handed_in,
            "found": self._desk.found,
            "items": tally.items,
            "singly": tally.singly,
            "failed": dict(tally.failed),
        }

    async def complete(self, key: str, prompt: Prompt) -> Reply:
        """As of a Provider; ``key`` names the call for good, and calls with other keys are other calls."""
        single = lambda: self._provider.complete(prompt)  # noqa: E731 - named for who reads the calls
        if (probed := await self._probe(key, prompt.purpose, single)) is not None:
            return probed
        try:
            return await self._ask(key, key, prompt, None)
        except _NotInBatchError:
            return await self._singly(single)

    async def structured(self, key: str, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        """As of a Provider. A repair is a request of its own, in another batch."""
        single = lambda: self._provider.structured(prompt, shape)  # noqa: E731
        if (probed := await self._probe(key, prompt.purpose, single)) is not None:
            return probed
        try:
            return await ask_structured(self._asker(key), prompt, shape)
        except _NotInBatchError:
            return await self._singly(single)

    async def close(self) -> None:
        """Hand in nothing new; a batch that is being handed in is waited for and kept."""
        await self._desk.close()

    def _asker(self, key: str) -> Ask:
        names = iter((key, f"{key}-r"))
        return lambda prompt, schema: self._ask(key, next(names), prompt, schema)

    async def _probe(self, key: str, purpose: Purpose, single: Callable[[], Awaitable[T]]) -> T | None:
        """The first call of a purpose, asked singly; None for the others. Raises what it raised for all of them where
        that says that no call can succeed."""
        if self._desk.knows(key):
            return None
        self.waiting.add(key)
        try:
            await self._probes.setdefault(purpose, asyncio.Lock()).acquire()
        finally:
            self.waiting.discard(key)
        try:
            if self._broken is not None:
                raise self._broken
            if purpose in self._probed:
                return None
            try:
                answer = await self._singly(single)
            except (MalformedReply, ProviderDeclined):
                self._probed.add(purpose)
                raise
            except ProviderError as problem:
                self._broken = problem
                raise
            self._probed.add(purpose)
            return answer
        finally:
            self._probes[purpose].release()

    async def _singly(self, single: Callable[[], Awaitable[T]]) -> T:
        self.tally.singly += 1
        return await self._pace.run(single)

    async def _ask(self, key: str, name: str, prompt: Prompt, schema: Schema | None) -> Reply:
        self.waiting.add(key)
        try:
            for turn in range(_TURNS):
                item = BatchItem(f"{name}-{turn + 1}" if turn else name, prompt, schema)
                outcome = await self._desk.outcome(item)
                if isinstance(outcome, Reply):
                    self.tally.items += 1
                    return outcome
                if isinstance(outcome, ProviderDeclined):
                    raise outcome
                self.tally.failed[type(outcome).__name__] += 1
                if not isinstance(outcome, PASSING):
                    break
        finally:
            self.waiting.discard(key)
        raise _NotInBatchError
