"""What the assembly does with an index that cannot be used: it says so, and people are served."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from adapters.stores.memory_evidence import MemoryEvidence
from bot.assembly.planned import Learning
from bot.assembly.rulebook import Rulebook
from bot.errors import StoreUnavailable
from bot.raise_core.paths.index import Block
from bot.raise_core.paths.retrieval import Retrieval
from bot.settings import Settings
from bot.telemetry.events import Plain, Telemetry
from tests.support.planning import BREAKUP, planned

Told = list[tuple[str, dict[str, Plain]]]


async def after(store: MemoryEvidence) -> tuple[Rulebook, Told]:
    told: Told = []
    book = Rulebook.of(Settings(), model_reads=False)
    compiled = book.current()
    await Learning(book, store, Telemetry(lambda event, fields: told.append((event, fields)))).now()
    assert book.current().policy is compiled.policy
    return book, told


async def test_what_is_planned_is_used_and_counted() -> None:
    store = MemoryEvidence()
    await store.put([planned(BREAKUP, "relationship", {"age": 1.0})])
    book, told = await after(store)
    assert book.current().evidence is not None
    assert told == [("evidence_loaded", {"model": "hashing-3", "count": 1})]


async def test_nothing_planned_is_nothing_to_tell() -> None:
    book, told = await after(MemoryEvidence())
    assert (book.current().evidence, told) == (None, [])


async def test_a_changed_embedding_model_is_told_with_what_to_do() -> None:
    store = MemoryEvidence()
    await store.put([replace(planned(BREAKUP, "relationship", {"age": 1.0}), embedder="hashing-0")])
    book, ((event, fields),) = await after(store)
    assert book.current().evidence is None
    assert (event, fields["count"]) == ("evidence_unused", 1)
    assert "raise-bot paths reembed" in str(fields["problem"])


async def test_an_index_that_cannot_be_read_does_not_keep_the_bot_from_starting() -> None:
    book, ((event, fields),) = await after(Down())
    assert book.current().evidence is None
    assert (event, fields["problem"]) == ("evidence_unused", "the database is unavailable")


async def test_what_is_planned_while_the_bot_runs_counts_without_a_restart() -> None:
    store, told = MemoryEvidence(), Seen()
    book = Rulebook.of(Settings(), model_reads=False)
    assert book.current().evidence is None
    task = asyncio.create_task(Learning(book, store, told.telemetry).keep_up(every=0.0))
    await store.put([planned(BREAKUP, "relationship", {"age": 1.0})])
    await told.next()
    first = book.current().evidence
    await store.put([planned("I lost my job", "career", {"profession": 1.0})])
    await told.next()
    task.cancel()
    assert first is not None
    assert book.current().evidence is not first
    assert [fields["count"] for _, fields in told.events] == [1, 2]


async def test_a_database_that_goes_away_leaves_what_was_read_and_is_told_once() -> None:
    store, told = Failing(), Seen()
    await store.put([planned(BREAKUP, "relationship", {"age": 1.0})])
    book = Rulebook.of(Settings(), model_reads=False)
    learning = Learning(book, store, told.telemetry)
    await learning.now()
    store.away = True
    await store.put([planned("I lost my job", "career", {"profession": 1.0})])
    await learning.now()
    await learning.now()
    assert isinstance(book.evidence, Retrieval)
    assert len(book.evidence) == 1
    store.away = False
    await learning.now()
    assert [event for event, _ in told.events] == ["evidence_loaded", "evidence_unused", "evidence_loaded"]
    assert len(book.evidence) == 2


class Seen:
    """What telemetry was told."""

    def __init__(self) -> None:
        self.events: Told = []
        self._new: asyncio.Queue[None] = asyncio.Queue()
        self.telemetry = Telemetry(self._take)

    def _take(self, event: str, fields: dict[str, Plain]) -> None:
        self.events.append((event, fields))
        self._new.put_nowait(None)

    async def next(self) -> None:
        await asyncio.wait_for(self._new.get(), 20)


class Failing(MemoryEvidence):
    """A store whose blocks cannot be read while ``away``."""

    away = False

    async def block(self, embedder: str, after: int, limit: int) -> Block | None:
        if self.away:
            raise StoreUnavailable("the database is unavailable")
        return await super().block(embedder, after, limit)


class Down(MemoryEvidence):
    """A store whose database is away."""

    async def counts(self) -> Mapping[str, int]:
        raise StoreUnavailable("the database is unavailable")
