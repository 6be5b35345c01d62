"""Messages that wait for a button, in SQL, sealed with the key of the person they are for."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from adapters.stores.contexts import envelope_context
from adapters.stores.sql.database import SqlDatabase, put
from adapters.stores.sql.face_tables import envelopes
from bot.chat import Outbound
from bot.clock import Clock, Seconds
from bot.errors import Unreadable
from bot.identity import Person
from bot.profile.vault import Vault


class SqlEnvelopes:
    """Envelopes in SQL. ``write`` and ``read`` turn a message into bytes and back; ``read`` raises Unreadable."""

    def __init__(
        self,
        database: SqlDatabase,
        vault: Vault,
        clock: Clock,
        *,
        write: Callable[[Outbound], bytes],
        read: Callable[[bytes], Outbound],
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._written = write
        self._read = read

    async def keep(self, key: str, message: Outbound, until: Seconds) -> None:
        sealed = await self._vault.seal(message.to, self._written(message), envelope_context(key))
        values = {"key": key, "person": str(message.to), "message": sealed, "expires_at": until}
        await self._database.write(lambda connection: put(connection, envelopes, values, ("key",)))

    async def find(self, key: str) -> Outbound | None:
        table = envelopes.c
        this = sa.select(table.person, table.message).where(table.key == key, table.expires_at > self._clock.now())
        row = await self._database.read(lambda connection: connection.execute(this).first())
        if row is None:
            return None
        try:
            return self._read(await self._vault.open(Person.parse(row.person), row.message, envelope_context(key)))
        except Unreadable:
            return None  # of another release, or the person was forgotten: as if it had never been kept

    async def erase(self, person: Person) -> int:
        theirs = sa.delete(envelopes).where(envelopes.c.person == str(person))
        return await self._database.erase(lambda connection: connection.execute(theirs).rowcount)

    async def purge(self, now: Seconds, limit: int) -> int:
        """Free at most ``limit`` envelopes whose time has passed."""
        old = sa.select(envelopes.c.key).where(envelopes.c.expires_at <= now).limit(limit)
        gone = sa.delete(envelopes).where(envelopes.c.key.in_(old))
        return await self._database.erase(lambda connection: connection.execute(gone).rowcount)
