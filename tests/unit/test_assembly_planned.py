"""What the assembly does with an index that cannot be used: it says so, and people are served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adapters.stores.memory_evidence import MemoryEvidence
from bot.assembly import Rulebook
from bot.assembly.planned import learn
from bot.errors import StoreUnavailable
from bot.settings import Settings
from bot.telemetry.events import Plain, Telemetry
from tests.support.planning import BREAKUP, planned

Told = list[tuple[str, dict[str, Plain]]]


async def after(store: MemoryEvidence) -> tuple[Rulebook, Told]:
    told: Told = []
    book = Rulebook.of(Settings(), model_reads=False)
    compiled = book.current()
    await learn(book, store, Telemetry(lambda event, fields: told.append((event, fields))))
    assert book.current().policy is compiled.policy
    return book, told


async def test_what_is_planned_is_used_and_counted() -> None:
    store = MemoryEvidence()
    await store.put([planned(BREAKUP, "relationship", {"age": 1.0})])
    book, told = await after(store)
    assert book.current().evidence is not None
    assert told == [("evidence_loaded", {"model": "hashing-1", "count": 1})]


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


class Down(MemoryEvidence):
    """A store whose database is away."""

    async def counts(self) -> Mapping[str, int]:
        raise StoreUnavailable("the database is unavailable")
