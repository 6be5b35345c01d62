"""A glance into the SQL database: one row by its key, looked up where it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.tables import standings
from bot.errors import StoreUnavailable
from tests.support.databases import insert, opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "raise.sqlite"


@pytest.fixture
async def database(file: Path) -> AsyncIterator[SqlDatabase]:
    async with opened(f"sqlite:///{file}") as database:
        yield database


def how_many(connection: sa.Connection) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(standings)).scalar_one())


async def test_it_sees_what_was_just_written(database: SqlDatabase) -> None:
    for number in range(3):
        await database.write(lambda connection, name=f"p{number}": connection.execute(insert(name)))
        assert await database.glance(how_many) == number + 1


async def test_one_that_fails_does_not_spoil_the_next(database: SqlDatabase) -> None:
    with pytest.raises(StoreUnavailable):
        await database.glance(lambda connection: connection.execute(sa.text("SELECT 1 FROM nowhere")).first())
    assert await database.glance(how_many) == 0


async def test_it_waits_for_no_connection_of_the_threads(database: SqlDatabase) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(50):
            name = f"p{number}"
            group.create_task(database.write(lambda connection, name=name: connection.execute(insert(name))))
            group.create_task(database.read(how_many))
            assert await database.glance(how_many) <= number + 1
    assert await database.glance(how_many) == 50


async def test_what_was_erased_beside_it_leaves_the_log(database: SqlDatabase, file: Path) -> None:
    await database.write(lambda connection: connection.execute(insert("canary")))
    await database.glance(how_many)
    assert await database.erase(lambda connection: connection.execute(sa.delete(standings)).rowcount) == 1
    assert b"canary" not in b"".join(path.read_bytes() for path in file.parent.iterdir())


async def test_after_the_end_it_says_so(file: Path) -> None:
    database = SqlDatabase(f"sqlite:///{file}")
    await database.open()
    await database.glance(how_many)
    await database.close()
    with pytest.raises(StoreUnavailable, match="stopping"):
        await database.glance(how_many)
