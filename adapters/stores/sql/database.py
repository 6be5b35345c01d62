"""The database of the SQL stores: opened and migrated at start, written in batches, read beside that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from adapters.batching import Batcher, closed
from adapters.database import connect, unavailable
from adapters.stores.sql.migrate import migrate

T = TypeVar("T")
Question = Callable[[sa.Connection], T]
"""Asked together with others; to write, inside a transaction. It is asked again when another one of its batch failed,
so it does nothing else."""
WHAT: Final = "the database"
CONNECTIONS: Final = 6


class SqlDatabase:
    """One database and two threads: one writes, as much as has come in with each commit; one reads."""

    def __init__(self, url: str) -> None:
        self._engine = connect(url, connections=CONNECTIONS, survive_power_cut=True)
        # A transaction around questions would be two more trips to a server, and show nothing more: each statement
        # there sees what is committed (READ COMMITTED). For a file none is begun to read anyway.
        self._in_file = self._engine.dialect.name == "sqlite"
        self._reading = self._engine if self._in_file else self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._own: sa.Connection | None = None
        self._closed = False
        self._writes: Batcher[Question[object], object] = Batcher("sql-write", self._write_batch)
        self._reads: Batcher[Question[object], object] = Batcher("sql-read", self._read_batch)

    @property
    def engine(self) -> sa.Engine:
        return self._engine

    async def open(self) -> None:
        """Create or upgrade the tables. Raises StoreUnavailable: it cannot be reached or written, or a newer release
        wrote it."""
        try:
            await asyncio.to_thread(migrate, self._engine)
        except (sa.exc.SQLAlchemyError, OSError) as error:
            raise unavailable(WHAT, self._engine, error) from None

    async def close(self) -> None:
        self._closed = True
        await self._writes.close()
        await self._reads.close()
        self._let_go()
        self._engine.dispose()

    async def write(self, question: Question[T]) -> T:
        """Ask in a transaction that is committed before this returns. Raises StoreUnavailable."""
        return cast("T", await self._writes.do(question))

    async def read(self, question: Question[T]) -> T:
        """Ask without writing. Raises StoreUnavailable."""
        return cast("T", await self._reads.do(question))

    async def glance(self, question: Question[T]) -> T:
        """Ask for one row by its key. Raises StoreUnavailable.

        In a file it is looked up at once: the way to a thread and back takes several times as long."""
        if not self._in_file:
            return await self.read(question)
        if self._closed:
            raise closed()
        try:
            if self._own is None:  # one of its own: the loop must not wait for a connection that a thread has
                self._own = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            return question(self._own)
        except sa.exc.SQLAlchemyError as error:
            self._let_go()
            raise self._said(error) from None

    def _let_go(self) -> None:
        if self._own is not None:
            self._own.close()
            self._own = None

    async def erase(self, question: Question[int]) -> int:
        """Write, and on SQLite also empty the write-ahead log, where what was deleted would linger."""
        count = await self.write(question)
        if count and self._in_file:
            await self.read(_empty_log)
        return count

    def _write_batch(self, questions: Sequence[Question[object]]) -> Sequence[object | Exception]:
        try:
            with self._engine.begin() as connection:
                if self._in_file:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                return [question(connection) for question in questions]
        except Exception as error:  # noqa: BLE001 - handed to the caller it belongs to
            if len(questions) == 1:
                return [self._said(error)]
        return [self._write_batch([question])[0] for question in questions]

    def _read_batch(self, questions: Sequence[Question[object]]) -> Sequence[object | Exception]:
        try:
            with self._reading.connect() as connection:
                return [question(connection) for question in questions]
        except Exception as error:  # noqa: BLE001 - handed to the caller it belongs to
            if len(questions) == 1:
                return [self._said(error)]
        return [self._read_batch([question])[0] for question in questions]

    def _said(self, error: Exception) -> Exception:
        if isinstance(error, sa.exc.SQLAlchemyError):
            return unavailable(WHAT, self._engine, error)
        return error


def _empty_log(connection: sa.Connection) -> None:
    # Readers of that moment may keep a part of it; the next erasure or the next start takes that.
    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def add(connection: sa.Connection, table: sa.Table, values: dict[str, object], key: tuple[str, ...]) -> bool:
    """Insert a row unless there is one with the same ``key`` (without one: with anything that must be unique the same);
    False when there was."""
    return connection.execute(_adding(connection.dialect.name, table, key), values).first() is not None


def put(connection: sa.Connection, table: sa.Table, values: dict[str, object], key: tuple[str, ...]) -> None:
    """Insert a row, or replace the one with the same ``key``."""
    connection.execute(_putting(connection.dialect.name, table, key), values)


# Building a statement costs SQLAlchemy more than running it costs SQLite, so each is built once.
@cache
def _adding(dialect: str, table: sa.Table, key: tuple[str, ...]) -> sa.Executable:
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    return insert.on_conflict_do_nothing(index_elements=key or None).returning(*table.primary_key)


@cache
def _putting(dialect: str, table: sa.Table, key: tuple[str, ...]) -> sa.Executable:
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    replaced = {column.name: insert.excluded[column.name] for column in table.c if column.name not in key}
    return insert.on_conflict_do_update(index_elements=key, set_=replaced)
