"""The SQL database itself: batches, migrations, what it says when it cannot serve, and what it leaves on the disk."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from adapters.database import connect
from adapters.stores.sql.database import SqlDatabase, put
from adapters.stores.sql.ledger import SqlLedger
from adapters.stores.sql.migrate import VERSIONS, downgrade, migrate
from adapters.stores.sql.tables import metadata, standings
from adapters.stores.sql.vault import SqlVault, key_id
from bot.clock import ManualClock
from bot.conversation.codec import FORMS
from bot.errors import SettingsError, StoreUnavailable, Unreadable
from tests.support.databases import insert, opened
from tests.support.people import ANN, ANN_DIRECT, BEN, HOUR, NOW
from tests.support.samples import conversation, event, journal
from tests.support.traces import in_files

OLD, NEW = bytes(range(32)), bytes(range(1, 33))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "raise.sqlite"


@pytest.fixture
async def database(file: Path) -> AsyncIterator[SqlDatabase]:
    async with opened(f"sqlite:///{file}") as database:
        yield database


async def names(database: SqlDatabase) -> set[str]:
    return set(
        await database.read(lambda connection: connection.execute(sa.select(standings.c.person)).scalars().all())
    )


async def test_one_bad_question_of_a_batch_does_not_spoil_the_others(database: SqlDatabase) -> None:
    def bad(connection: sa.Connection) -> None:
        connection.execute(insert("half done"))
        raise KeyError("mine")

    async with asyncio.TaskGroup() as group:
        good = [
            group.create_task(database.write(lambda connection, name=f"p{number}": connection.execute(insert(name))))
            for number in range(20)
        ]
        failing = group.create_task(raises_key_error(database, bad))
    assert failing.result()
    assert all(task.done() for task in good)
    assert await names(database) == {f"p{number}" for number in range(20)}


async def raises_key_error(database: SqlDatabase, question: object) -> bool:
    try:
        await database.write(question)  # type: ignore[arg-type]  # any question will do
    except KeyError:
        return True
    return False


async def test_a_caller_that_went_away_spoils_nothing(database: SqlDatabase) -> None:
    tasks = [
        asyncio.create_task(database.write(lambda connection, name=f"p{number}": connection.execute(insert(name))))
        for number in range(10)
    ]
    await asyncio.sleep(0)
    for task in tasks[1:]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await database.write(lambda connection: connection.execute(insert("last")))
    assert await names(database) >= {"p0", "last"}


async def test_after_closing_everything_is_refused(file: Path) -> None:
    database = SqlDatabase(f"sqlite:///{file}")
    await database.open()
    await database.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await names(database)


async def test_an_error_tells_neither_statement_nor_values(database: SqlDatabase) -> None:
    await database.write(lambda connection: connection.execute(insert("canary")))
    with pytest.raises(StoreUnavailable) as caught:
        await database.write(lambda connection: connection.execute(insert("canary")))
    assert "canary" not in str(caught.value)
    assert "INSERT" not in str(caught.value)
    assert "IntegrityError" in str(caught.value)


async def test_putting_replaces(database: SqlDatabase) -> None:
    for paused in (False, True):
        values: dict[str, object] = {"person": "p", "consents": {}, "informed": False, "paused": paused}
        await database.write(lambda connection, values=values: put(connection, standings, values, ("person",)))
    rows = await database.read(lambda connection: connection.execute(sa.select(standings.c.paused)).scalars().all())
    assert rows == [True]


async def test_opening_again_keeps_what_is_there(file: Path) -> None:
    for name in ("first", "second"):
        database = SqlDatabase(f"sqlite:///{file}")
        await database.open()
        await database.write(lambda connection, name=name: connection.execute(insert(name)))
        await database.close()
    again = SqlDatabase(f"sqlite:///{file}")
    await again.open()
    assert await names(again) == {"first", "second"}
    await again.close()


async def test_a_database_of_a_newer_release_is_refused_with_what_to_do(database: SqlDatabase, file: Path) -> None:
    await database.write(lambda connection: connection.execute(sa.text(f"UPDATE {VERSIONS} SET version_num = '9999'")))  # noqa: S608
    newer = SqlDatabase(f"sqlite:///{file}")
    with pytest.raises(StoreUnavailable, match=r"newer release .* install that release again"):
        await newer.open()
    await newer.close()


async def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"not a database at all" * 500)
    for url, said in (
        (f"sqlite:///{tmp_path}/file", "not a SQLite database"),
        (f"sqlite:///{tmp_path}/file/below.sqlite", "the database is unavailable"),
        ("postgresql://nobody@127.0.0.1:1/none", "nothing answers there"),
        ("postgresql://nobody@nowhere.invalid/none", "nobody knows that host"),
    ):
        database = SqlDatabase(url)
        with pytest.raises(StoreUnavailable, match=said):
            await database.open()
        await database.close()


def migrated_and_back(engine: sa.Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(insert("kept"))
        context = MigrationContext.configure(connection, opts={"version_table": VERSIONS, "compare_type": True})
        assert compare_metadata(context, metadata) == []
    migrate(engine)
    with engine.connect() as connection:
        assert connection.execute(sa.select(standings.c.person)).scalars().all() == ["kept"]
    downgrade(engine, "base")
    assert sa.inspect(engine).get_table_names() == [VERSIONS]
    migrate(engine)
    engine.dispose()


def test_the_migrations_make_the_tables_and_unmake_them_on_sqlite(file: Path) -> None:
    migrated_and_back(connect(f"sqlite:///{file}", connections=1, survive_power_cut=True))


@pytest.mark.postgres
def test_the_migrations_make_the_tables_and_unmake_them_on_postgres(postgres_database: str) -> None:
    migrated_and_back(connect(postgres_database, connections=2, survive_power_cut=True))


def test_flags_of_an_earlier_release_go_with_their_table(file: Path) -> None:
    engine = connect(f"sqlite:///{file}", connections=1, survive_power_cut=True)
    migrate(engine, "0006")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO flags (flag_id, person, place, space, severity, rule, policy_id, turn_id, at) "
            "VALUES ('f', 'flag-canary', 'dm', '', 'high', 'r', 'p', 't', 0)"
        )
        connection.execute(insert("kept"))
    migrate(engine)
    assert "flags" not in sa.inspect(engine).get_table_names()
    with engine.connect() as connection:
        assert connection.execute(sa.select(standings.c.person)).scalars().all() == ["kept"]
    engine.dispose()
    assert in_files(file.parent, ["flag-canary"]) == []


def counted_by_ruling(engine: sa.Engine) -> None:
    """Cases of the release before, decided and not, through migration 0015 and back, and forward again."""
    migrate(engine, "0014")
    old = (
        "INSERT INTO review_cases (case_id, state, pending, severity, urgency, queue, workspace, place, person, space, "
        "locale, opened_at, since, deadline, reasons, flags, held, opinion_wanted, decision, revision) VALUES "
        "('{0}', 'open', {2}, 'high', -2, 'q', 'w', 'dm', '{0}', '', 'en', 1, 1, 2, '[]', 1, {3}, {3}, {1}, 1)"
    )
    decided = """'{"ruling": "watch", "by": "m"}'"""
    with engine.begin() as connection:
        for name, decision in (("a", decided), ("b", "NULL")):
            connection.exec_driver_sql(old.format(name, decision, "true", "false"))
    for _ in range(2):
        migrate(engine)
        with engine.begin() as connection:
            found = connection.exec_driver_sql("SELECT case_id, ruling FROM review_cases ORDER BY case_id").all()
            assert [tuple(row) for row in found] == [("a", "watch"), ("b", None)]
        downgrade(engine, "0014")
        with engine.begin() as connection:
            assert "ruling" not in {each["name"] for each in sa.inspect(connection).get_columns("review_cases")}
            assert connection.exec_driver_sql("SELECT count(*) FROM review_cases").scalar() == 2
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:  # one living case per conversation still
        connection.exec_driver_sql(old.format("c", "NULL", "true", "false").replace("'dm', 'c'", "'dm', 'a'"))
    engine.dispose()


def test_decided_cases_of_an_earlier_release_are_counted_on_sqlite(file: Path) -> None:
    counted_by_ruling(connect(f"sqlite:///{file}", connections=1, survive_power_cut=True))


@pytest.mark.postgres
def test_decided_cases_of_an_earlier_release_are_counted_on_postgres(postgres_database: str) -> None:
    counted_by_ruling(connect(postgres_database, connections=2, survive_power_cut=True))


def test_half_a_migration_leaves_nothing(file: Path) -> None:
    engine = connect(f"sqlite:///{file}", connections=1, survive_power_cut=True)
    file.parent.mkdir()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE decisions (something TEXT)")
    with pytest.raises(StoreUnavailable, match=r"an upgrade was interrupted, .* restore the whole backup"):
        migrate(engine)
    assert sa.inspect(engine).get_table_names() == ["decisions"]
    engine.dispose()


@pytest.mark.parametrize(
    ("broken", "lacking"),
    [("DROP TABLE joined_threads", "joined_threads"), ("ALTER TABLE standings DROP COLUMN paused", "standings.paused")],
)
def test_tables_that_are_not_those_of_the_form_are_refused(file: Path, broken: str, lacking: str) -> None:
    engine = connect(f"sqlite:///{file}", connections=1, survive_power_cut=True)
    migrate(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(broken)
    with pytest.raises(StoreUnavailable, match=f"missing: {lacking}.*restore the whole backup"):
        migrate(engine)
    engine.dispose()


async def test_erased_words_leave_no_bytes_in_any_file(database: SqlDatabase, file: Path) -> None:
    clock = ManualClock(NOW)
    ledger = SqlLedger(database, _Open(), clock, FORMS)
    for number in range(20):
        text = "canary" * 200
        await ledger.claim(f"t{number}", ANN_DIRECT, event(ANN, text), NOW)
        await ledger.save(f"t{number}", ANN_DIRECT, conversation(text), journal(text), NOW + HOUR)
    assert b"canary" in everything(file)
    assert await ledger.erase(ANN) == 21
    assert b"canary" not in everything(file)
    assert str(ANN).encode() not in everything(file)


def everything(file: Path) -> bytes:
    return b"".join(path.read_bytes() for path in file.parent.iterdir())


class _Open:
    """A vault that seals nothing, to see what the files keep."""

    async def knows(self, person: object) -> bool:
        return True

    async def seal(self, person: object, plain: bytes, context: str) -> bytes:
        return plain

    async def open(self, person: object, sealed: bytes, context: str) -> bytes:
        return sealed

    async def shred(self, person: object) -> int:
        return 0


class TestDeploymentKeys:
    async def test_keys_are_rotated_in_slices_and_the_old_one_may_go(self, database: SqlDatabase) -> None:
        clock = ManualClock()
        before = SqlVault(database, [OLD], clock)
        sealed = {person: await before.seal(person, b"words", "c") for person in (ANN, BEN)}
        both = SqlVault(database, [NEW, OLD], clock)
        assert await both.open(ANN, sealed[ANN], "c") == b"words"
        assert await both.rotate(1) == 1
        assert await both.rotate(10) == 1
        assert await both.rotate(10) == 0
        after = SqlVault(database, [NEW], clock)
        for person in (ANN, BEN):
            assert await after.open(person, sealed[person], "c") == b"words"

    async def test_the_wrong_key_is_named_and_nothing_opens(self, database: SqlDatabase) -> None:
        sealed = await SqlVault(database, [OLD], ManualClock()).seal(ANN, b"words", "c")
        wrong = SqlVault(database, [NEW], ManualClock())
        for attempt in (wrong.open(ANN, sealed, "c"), wrong.seal(ANN, b"more", "c")):
            with pytest.raises(Unreadable, match=key_id(OLD)) as caught:
                await attempt
            assert OLD.hex() not in str(caught.value)
        assert await wrong.shred(ANN) == 1

    async def test_a_changed_key_row_is_said(self, database: SqlDatabase) -> None:
        sealed = await SqlVault(database, [OLD], ManualClock()).seal(ANN, b"words", "c")
        await database.write(
            lambda connection: connection.execute(sa.text("UPDATE person_keys SET wrapped = zeroblob(80)"))
        )
        with pytest.raises(Unreadable, match="it was changed"):
            await SqlVault(database, [OLD], ManualClock()).open(ANN, sealed, "c")

    async def test_a_key_destroyed_by_another_process_is_forgotten_here_soon(self, database: SqlDatabase) -> None:
        clock = ManualClock()
        here, there = SqlVault(database, [OLD], clock), SqlVault(database, [OLD], clock)
        sealed = await here.seal(ANN, b"words", "c")
        assert await there.shred(ANN) == 1
        clock.advance(31)
        with pytest.raises(Unreadable):
            await here.open(ANN, sealed, "c")

    @pytest.mark.parametrize("keys", [[], [b"short"], [OLD, b""]])
    async def test_keys_have_32_bytes(self, database: SqlDatabase, keys: list[bytes]) -> None:
        with pytest.raises(SettingsError, match="32 bytes"):
            SqlVault(database, keys, ManualClock())
