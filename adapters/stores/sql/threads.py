"""In which threads people talk with the bot, in SQL: ids only, forgotten a while after the person joined."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.stores.sql.database import SqlDatabase, put
from adapters.stores.sql.tables import joined_threads
from bot.clock import Seconds
from bot.identity import Person


class SqlThreads:
    """Threads in SQL. ``keep``: seconds after which a thread goes on only with a new mention."""

    def __init__(self, database: SqlDatabase, keep: Seconds) -> None:
        self._database = database
        self._keep = keep

    async def join(self, person: Person, thread: str, now: Seconds) -> None:
        values = {"person": str(person), "thread": thread, "joined_at": now}
        await self._database.write(lambda connection: put(connection, joined_threads, values, ("person", "thread")))

    async def joined(self, person: Person, thread: str) -> bool:
        table = joined_threads.c
        theirs = sa.select(table.thread).where(table.person == str(person), table.thread == thread)
        row = await self._database.read(lambda connection: connection.execute(theirs).first())
        return row is not None

    async def leave(self, person: Person) -> int:
        theirs = sa.delete(joined_threads).where(joined_threads.c.person == str(person))
        return await self._database.erase(lambda connection: connection.execute(theirs).rowcount)

    async def purge(self, now: Seconds, limit: int) -> int:
        """Forget threads joined longer ago than ``keep``; at most ``limit`` of them."""
        table = joined_threads.c
        old = sa.select(table.person, table.thread).where(table.joined_at < now - self._keep).limit(limit)
        gone = sa.delete(joined_threads).where(sa.tuple_(table.person, table.thread).in_(old))
        return await self._database.erase(lambda connection: connection.execute(gone).rowcount)
