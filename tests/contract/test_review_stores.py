"""The contract of the review desk's store, over every implementation; and what only SQL has to hold."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.stores.memory_ledger import MemoryVault
from adapters.stores.memory_review import memory_review
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.review import sql_review
from adapters.stores.sql.review_tables import review_errands, review_notes, review_trail, review_trail_head
from bot.errors import StoreUnavailable
from bot.private import Private
from bot.review.store import Kept
from bot.review.trail import Broken, Head, Seal
from tests.contract.review import CasesContract
from tests.contract.review_steps import opening
from tests.contract.review_work import DeskWorkContract
from tests.support.databases import InSql, OnPostgres, OnSqlite
from tests.support.people import ANN, ANN_DIRECT
from tests.support.reviewing import KEYS, MIA, ReviewStore, joined, room


class TestInMemory(CasesContract, DeskWorkContract):
    @pytest.fixture
    def store(self) -> ReviewStore:
        return joined(memory_review(Seal(KEYS)))


class _InSql(InSql, CasesContract, DeskWorkContract):
    @pytest.fixture
    def store(self, database: SqlDatabase) -> ReviewStore:
        return joined(sql_review(database, MemoryVault(), Seal(KEYS)))

    async def test_text_is_sealed(self, store: ReviewStore, database: SqlDatabase) -> None:
        desk = room(store, platforms=frozenset())
        case = await desk.opened()
        await desk.desk.claim(MIA, case.id)
        await desk.desk.note(MIA, case.id, Private("Ann sounded calmer"))
        for table in (review_notes, review_errands):
            rows = await database.read(lambda connection, table=table: connection.execute(sa.select(table)).all())
            assert b"calmer" not in repr(rows).encode()

    @pytest.mark.parametrize(
        ("statement", "line"),
        [
            ("UPDATE review_trail SET by = 'somebody else' WHERE number = 2", 2),
            ("UPDATE review_trail SET at = at + 1 WHERE number = 3", 3),
            ("UPDATE review_trail SET case_id = 'other' WHERE number = 1", 1),
            ("UPDATE review_trail SET action = 'seen' WHERE number = 2", 2),
            ("UPDATE review_trail SET details = '{}' WHERE number = 1", 1),
            ("UPDATE review_trail SET digest = previous WHERE number = 2", 2),
            ("UPDATE review_trail SET key = 'none' WHERE number = 4", 4),
            ("DELETE FROM review_trail WHERE number = 3", 3),
            ("DELETE FROM review_trail WHERE number = 4", 4),
            ("DELETE FROM review_trail", 1),
        ],
    )
    async def test_whatever_is_done_to_the_trail_shows(
        self, store: ReviewStore, database: SqlDatabase, statement: str, line: int
    ) -> None:
        desk = room(store)
        case = await desk.opened()
        await desk.desk.claim(MIA, case.id)
        await desk.desk.extend(MIA, case.id)
        await desk.desk.release(MIA, case.id)
        assert (await store.head()).number == 4
        await database.write(lambda connection: connection.exec_driver_sql(statement))
        broken = await store.verify()
        assert isinstance(broken, Broken)
        assert broken.number == line

    async def test_a_trail_cut_off_with_its_head_shows_against_what_was_written_down(
        self, store: ReviewStore, database: SqlDatabase
    ) -> None:
        await store.keep(opening())
        desk = room(store)
        await desk.desk.claim(MIA, "c1")
        written_down = await store.head()
        (first, _) = await store.since(0, 10)

        def cut(connection: sa.Connection) -> None:
            connection.execute(sa.delete(review_trail).where(review_trail.c.number == 2))
            connection.execute(sa.update(review_trail_head).values(number=1, digest=first.digest))

        await database.write(cut)
        assert await store.verify() == Head(1, first.digest)
        assert isinstance(await store.verify(written_down), Broken)

    async def test_a_step_that_fails_half_way_leaves_nothing(self, store: ReviewStore, database: SqlDatabase) -> None:
        await store.keep(opening())
        await database.write(lambda connection: connection.exec_driver_sql("DELETE FROM review_trail_head"))
        desk = room(store)
        with pytest.raises(StoreUnavailable):
            await desk.desk.claim(MIA, "c1")
        case = await store.find("c1")
        assert case is not None
        assert case.claim is None
        assert await store.living(ANN_DIRECT) == case
        assert await store.of(ANN) == (case,)


def _files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


class TestOnSqlite(OnSqlite, _InSql):
    async def test_what_was_forgotten_is_not_on_the_disk(self, store: ReviewStore, tmp_path: Path) -> None:
        assert await store.keep(opening()) is Kept.KEPT
        await room(store).departures.erase(ANN)
        assert [name for name, content in _files(tmp_path).items() if b"slack:T1:U1" in content] == []


class TestOnPostgres(OnPostgres, _InSql):
    """On PostgreSQL."""
