"""Databases for tests: of every kind, each test with its own, their tables made once and copied.

Making the tables takes longer than most tests that use them: they are made once in a run. A contract's class takes
what it runs on from :class:`OnSqlite` or :class:`OnPostgres`, and an open database from :class:`InSql`.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa

from adapters.database import connect
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.migrate import migrate
from adapters.stores.sql.tables import standings


@contextmanager
def created(server: str, *, like: str = "template1") -> Iterator[str]:
    """The URL of a new database on the server, with what the one of that name has; dropped in the end."""
    import psycopg
    from psycopg import sql

    database = f"raise_test_{time.monotonic_ns()}"
    name, model = sql.Identifier(database), sql.Identifier(like)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, model))
        base, _, query = server.partition("?")
        yield f"{base.rpartition('/')[0]}/{database}{'?' if query else ''}{query}"
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _made(url: str) -> None:
    engine = connect(url, connections=1, survive_power_cut=False)
    migrate(engine)
    engine.dispose()


@cache
def _tables_of_sqlite() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "raise.db"
        _made(f"sqlite:///{file}")
        return file.read_bytes()


def in_sqlite(file: Path) -> str:
    """The URL of a file; where there is none yet it has every table, and nothing in them."""
    if not file.exists():
        file.write_bytes(_tables_of_sqlite())
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def tables_of_postgres(postgres_url: str) -> Iterator[str]:
    """The name of a database with every table and nothing in them."""
    with created(postgres_url) as url:
        _made(url)
        yield url.partition("?")[0].rpartition("/")[2]


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[SqlDatabase]:
    """The database, open until the end of the block."""
    database = SqlDatabase(url)
    await database.open()
    yield database
    await database.close()


def insert(name: str) -> sa.Insert:
    """A row for a test that needs any: the standing of a person with this name."""
    return sa.insert(standings).values(person=name, consents={}, informed=False, paused=False)


class OnSqlite:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        return tmp_path / "raise.db"

    @pytest.fixture
    def url(self, file: Path) -> str:
        return in_sqlite(file)


@pytest.mark.postgres
class OnPostgres:
    @pytest.fixture
    def url(self, postgres_url: str, tables_of_postgres: str) -> Iterator[str]:
        with created(postgres_url, like=tables_of_postgres) as url:
            yield url


class InSql:
    """Give it a ``url``."""

    @pytest.fixture
    async def database(self, url: str) -> AsyncIterator[SqlDatabase]:
        async with opened(url) as database:
            yield database
