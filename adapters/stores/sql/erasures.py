"""Erasures under way and their receipts, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from adapters.stores.sql.database import SqlDatabase, add
from adapters.stores.sql.erasure_tables import erasure_receipts, erasures
from adapters.stores.sql.tables import Row
from bot.clock import Seconds
from bot.identity import Person, pseudonym
from bot.profile.erasure import Past, Pending, Receipt

KEEP: Final[Seconds] = 90 * 86_400.0
"""How long a receipt is kept."""


class SqlErasures:
    """Erasures in SQL. ``keys`` are the deployment's: receipts are kept under a pseudonym made with the first, and
    found with any."""

    def __init__(self, database: SqlDatabase, keys: Sequence[bytes]) -> None:
        self._database = database
        self._keys = tuple(keys)

    async def begin(self, person: Person, now: Seconds, locale: str) -> Pending:
        values: dict[str, object] = {"person": str(person), "asked_at": now, "locale": locale, "removed": {}}
        theirs = sa.select(erasures).where(erasures.c.person == str(person))
        anew = sa.update(erasures).where(erasures.c.person == str(person)).values(erased=False)

        def note(connection: sa.Connection) -> Row:
            if not add(connection, erasures, values, ("person",)):
                connection.execute(anew)
            return connection.execute(theirs).one()

        return _pending(await self._database.write(note))

    async def counted(self, person: Person, name: str, count: int) -> None:
        theirs = erasures.c.person == str(person)

        def note(connection: sa.Connection) -> None:
            removed = connection.execute(sa.select(erasures.c.removed).where(theirs)).scalar()
            if removed is not None:
                connection.execute(sa.update(erasures).where(theirs).values(removed={**removed, name: count}))

        await self._database.write(note)

    async def erased(self, person: Person) -> None:
        done = sa.update(erasures).where(erasures.c.person == str(person)).values(erased=True)
        await self._database.write(lambda connection: connection.execute(done))

    async def finish(self, person: Person, receipt: Receipt, now: Seconds) -> None:
        kept = sa.insert(erasure_receipts).values(
            pseudonym=pseudonym(person, self._keys[0]),
            finished_at=now,
            removed=[list(each) for each in receipt.removed],
            remains=list(receipt.remains),
        )

        def exchange(connection: sa.Connection) -> int:
            gone = connection.execute(sa.delete(erasures).where(erasures.c.person == str(person))).rowcount
            if gone:
                connection.execute(kept)
            return gone

        await self._database.erase(exchange)

    async def pending(self) -> tuple[Pending, ...]:
        oldest_first = sa.select(erasures).order_by(erasures.c.asked_at)
        rows = await self._database.read(lambda connection: connection.execute(oldest_first).all())
        return tuple(_pending(row) for row in rows)

    async def receipts(self, person: Person) -> tuple[Past, ...]:
        names = [pseudonym(person, key) for key in self._keys]
        theirs = sa.select(erasure_receipts).where(erasure_receipts.c.pseudonym.in_(names))
        oldest_first = theirs.order_by(erasure_receipts.c.number)
        rows = await self._database.read(lambda connection: connection.execute(oldest_first).all())
        return tuple(
            Past(row.finished_at, Receipt(tuple((name, count) for name, count in row.removed), tuple(row.remains)))
            for row in rows
        )

    async def purge(self, now: Seconds, limit: int) -> int:
        """Delete at most ``limit`` receipts that were kept long enough."""
        old = sa.select(erasure_receipts.c.number).where(erasure_receipts.c.finished_at <= now - KEEP).limit(limit)
        gone = sa.delete(erasure_receipts).where(erasure_receipts.c.number.in_(old))
        return await self._database.write(lambda connection: connection.execute(gone).rowcount)


def _pending(row: Row) -> Pending:
    return Pending(Person.parse(row.person), row.asked_at, row.locale, dict(row.removed), bool(row.erased))
