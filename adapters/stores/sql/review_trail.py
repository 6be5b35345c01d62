"""The audit trail in SQL. Lines are only ever added, behind the lock of the one row that says where the trail ends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.review_rows import entry_of, entry_values
from adapters.stores.sql.review_tables import review_trail, review_trail_head
from bot.review.cases import Event
from bot.review.trail import Broken, Check, Entry, Head, Seal

_PIECE: Final = 5_000


class SqlTrail:
    """Trail in SQL."""

    def __init__(self, database: SqlDatabase, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    def lock(self, connection: sa.Connection) -> Head:
        """Where the trail ends, held until this transaction does."""
        row = connection.execute(sa.select(review_trail_head).with_for_update()).one()
        return Head(row.number, row.digest)

    def append(self, connection: sa.Connection, head: Head, case_id: str, events: Iterable[Event]) -> None:
        """Add lines after ``head``, which :meth:`lock` gave."""
        self.append_of_many(connection, head, ((case_id, event) for event in events))

    def append_of_many(self, connection: sa.Connection, head: Head, lines: Iterable[tuple[str, Event]]) -> None:
        """The same for lines of several cases, each with the case's id."""
        entries: list[Entry] = []
        for case_id, event in lines:
            entries.append(self._seal.next(head, case_id, event))
            head = Head(entries[-1].number, entries[-1].digest)
        if entries:
            connection.execute(sa.insert(review_trail), [entry_values(entry) for entry in entries])
            connection.execute(sa.update(review_trail_head).values(number=head.number, digest=head.digest))

    async def since(self, number: int, limit: int) -> tuple[Entry, ...]:
        after = sa.select(review_trail).where(review_trail.c.number > number).order_by(review_trail.c.number)
        rows = await self._database.read(lambda connection: connection.execute(after.limit(limit)).all())
        return tuple(entry_of(row) for row in rows)

    async def head(self) -> Head:
        row = await self._database.read(lambda connection: connection.execute(sa.select(review_trail_head)).one())
        return Head(row.number, row.digest)

    async def verify(self, since: Head | None = None) -> Broken | Head:
        check, last = Check(self._seal, (since or Head(), await self.head())), 0
        while entries := await self.since(last, _PIECE):
            for entry in entries:
                broken = check.add(entry)
                if broken is not None:
                    return broken
            last = entries[-1].number
        return check.end()
