"""Languages that people set on a platform, in SQL."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.stores.sql.database import SqlDatabase, put
from adapters.stores.sql.face_tables import person_locales
from bot.clock import Seconds
from bot.identity import Person


class SqlLocales:
    """Locales in SQL. ``keep``: seconds until one is forgotten after it was last learned."""

    def __init__(self, database: SqlDatabase, keep: Seconds) -> None:
        self._database = database
        self._keep = keep

    async def learn(self, person: Person, locale: str, now: Seconds) -> None:
        values = {"person": str(person), "locale": locale, "learned_at": now}
        await self._database.write(lambda connection: put(connection, person_locales, values, ("person",)))

    async def of(self, person: Person, now: Seconds) -> str | None:
        table = person_locales.c
        theirs = sa.select(table.locale).where(table.person == str(person), table.learned_at > now - self._keep)
        return await self._database.read(lambda connection: connection.execute(theirs).scalar())

    async def forget(self, person: Person) -> int:
        theirs = sa.delete(person_locales).where(person_locales.c.person == str(person))
        return await self._database.erase(lambda connection: connection.execute(theirs).rowcount)

    async def purge(self, now: Seconds, limit: int) -> int:
        """Forget at most ``limit`` of those learned longer ago than ``keep``."""
        table = person_locales.c
        old = sa.select(table.person).where(table.learned_at <= now - self._keep).limit(limit)
        gone = sa.delete(person_locales).where(table.person.in_(old))
        return await self._database.erase(lambda connection: connection.execute(gone).rowcount)
