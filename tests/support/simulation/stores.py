"""What outlives the process: a real SQLite database behind a simulated way, and profiles."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa

from adapters.stores.memory import MemoryProfiles
from adapters.stores.sql.database import Question, SqlDatabase, T
from bot.clock import Seconds
from bot.identity import Person
from bot.profile.record import Record
from bot.profile.store import Changes
from tests.support.simulation.ways import Way


class Disk:
    """The SQLite file that one world after the other is written to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = SqlDatabase(f"sqlite:///{path}")
        asyncio.run(self.database.open())
        self._fresh = sqlite3.connect(":memory:")
        with self.database.engine.connect() as connection:
            _driver(connection).backup(self._fresh)

    def renew(self) -> None:
        """As it was after its migrations, for the next world."""
        with self.database.engine.connect() as connection:
            self._fresh.backup(_driver(connection))

    def close(self) -> None:
        self._fresh.close()
        asyncio.run(self.database.close())

    def rows(self, table: sa.Table) -> Sequence[sa.Row[Any]]:
        """Read beside all ways, for the witness."""
        with self.database.engine.connect() as connection:
            return connection.execute(sa.select(table)).all()

    def contents(self) -> bytes:
        """Every byte that was written."""
        log = Path(f"{self.path}-wal")
        return self.path.read_bytes() + (log.read_bytes() if log.exists() else b"")


def _driver(connection: sa.Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


class SimulatedDatabase(SqlDatabase):
    """The database as one process sees it. What is asked is done on the disk, between the two halves of a trip; a
    request that was cut off on its way is carried out or not."""

    def __init__(self, disk: Disk, way: Way) -> None:
        self._disk = disk.database
        self._engine = disk.database.engine
        self._way = way
        self._in_file = False  # as with a server: whatever is asked takes a trip

    async def open(self) -> None:
        """It is open."""

    async def close(self) -> None:
        """It stays open."""

    async def write(self, question: Question[T]) -> T:
        return await self._asked(self._disk._write_batch, question)

    async def read(self, question: Question[T]) -> T:
        return await self._asked(self._disk._read_batch, question)

    async def _asked(self, batch: Callable[[Sequence[Question[object]]], Sequence[object]], question: Question[T]) -> T:
        try:
            await self._way.there()
        except asyncio.CancelledError:
            if self._way.done_all_the_same():
                batch([question])
            raise
        (result,) = batch([question])
        await self._way.back()
        if isinstance(result, Exception):
            raise result
        return cast("T", result)


class SimulatedProfiles:
    """The ProfileStore in Redis: it outlives the process, and may be away. ``wrote`` sees every change."""

    def __init__(self, kept: MemoryProfiles, way: Way, wrote: Callable[[Person, Changes], None]) -> None:
        self._kept = kept
        self._way = way
        self._wrote = wrote

    async def read(self, person: Person, now: Seconds) -> tuple[Record, ...]:
        await self._way.there()
        records = await self._kept.read(person, now)
        await self._way.back()
        return records

    async def write(self, person: Person, changes: Changes, now: Seconds) -> None:
        await self._way.there()
        await self._kept.write(person, changes, now)
        self._wrote(person, changes)
        await self._way.back()

    async def erase(self, person: Person) -> int:
        await self._way.there()
        count = await self._kept.erase(person)
        await self._way.back()
        return count

    async def purge(self, now: Seconds, limit: int) -> int:
        await self._way.there()
        return await self._kept.purge(now, limit)
