"""Notes, the outbox of errands and a case's history in SQL. Texts are sealed with the person's own key."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from adapters.stores.contexts import errand_context, note_context
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.review_rows import entry_of, errand_of, note_of
from adapters.stores.sql.review_tables import review_errands, review_notes, review_trail
from adapters.stores.sql.review_trail import SqlTrail
from adapters.stores.sql.tables import Row, conversation_of
from bot.clock import Seconds
from bot.profile.vault import Vault
from bot.review.cases import Case, Errand, ErrandKind, Event, Note, Outcome
from bot.review.trail import Entry

_PENDING = review_errands.c.outcome == Outcome.PENDING.value
_LETTERS = review_errands.c.kind.in_((ErrandKind.CONTACT.value, ErrandKind.MESSAGE.value))


class SqlPapers:
    """Papers in SQL."""

    def __init__(self, database: SqlDatabase, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def notes(self, case: Case) -> tuple[Note, ...]:
        if case.conversation is None:
            return ()
        person = case.conversation.reveal().person
        rows = await _rows(self._database, _of(review_notes, case.id))
        opened = [await self._vault.open(person, row.sealed, note_context(row.note_id)) for row in rows]
        return tuple(note_of(row, text) for row, text in zip(rows, opened, strict=True))

    async def errands(self, case: Case) -> tuple[Errand, ...]:
        rows = await _rows(self._database, _of(review_errands, case.id))
        return tuple([await _opened(self._vault, row) for row in rows])

    async def history(self, case_id: str) -> tuple[Entry, ...]:
        return tuple(entry_of(row) for row in await _rows(self._database, _of(review_trail, case_id)))


class SqlErrands:
    """Errands in SQL."""

    def __init__(self, database: SqlDatabase, vault: Vault, trail: SqlTrail) -> None:
        self._database = database
        self._vault = vault
        self._trail = trail

    async def take(self, platforms: frozenset[str], now: Seconds, until: Seconds) -> Errand | None:
        earlier = review_errands.alias()
        waits = sa.exists().where(
            earlier.c.case_id == review_errands.c.case_id,
            earlier.c.number < review_errands.c.number,
            earlier.c.outcome == Outcome.PENDING.value,
        )
        ready = (_PENDING, review_errands.c.leased_until <= now, review_errands.c.platform.in_(sorted(platforms)))
        first = sa.select(review_errands).where(*ready, ~waits).order_by(review_errands.c.number).limit(1)

        def lease(connection: sa.Connection) -> Row | None:
            row = connection.execute(first).first()
            if row is None:
                return None
            this = (review_errands.c.number == row.number, _PENDING, review_errands.c.leased_until <= now)
            taken = connection.execute(sa.update(review_errands).where(*this).values(leased_until=until))
            return row if taken.rowcount else None

        # Looking costs no commit; most of the time there is nothing to do.
        if not platforms or not await _rows(self._database, first):
            return None
        row = await self._database.write(lease)
        return None if row is None else await _opened(self._vault, row)

    async def settle(self, errand: Errand, outcome: Outcome, problem: str, event: Event) -> bool:
        this = (review_errands.c.errand_id == errand.id, _PENDING)
        ended = sa.update(review_errands).where(*this).values(outcome=outcome.value, problem=problem)

        def end(connection: sa.Connection) -> bool:
            head = self._trail.lock(connection)
            if not connection.execute(ended).rowcount:
                return False
            self._trail.append(connection, head, errand.case_id, (event,))
            return True

        return await self._database.write(end)

    async def stale(self, before: Seconds, now: Seconds, limit: int) -> tuple[Errand, ...]:
        old = (_PENDING, _LETTERS, review_errands.c.at < before, review_errands.c.leased_until <= now)
        rows = await _rows(self._database, sa.select(review_errands).where(*old).limit(limit))
        return tuple([await _opened(self._vault, row) for row in rows])


def _of(table: sa.Table, case_id: str) -> sa.Select[Any]:
    return sa.select(table).where(table.c.case_id == case_id).order_by(table.c.number)


async def _rows(database: SqlDatabase, statement: sa.Select[Any]) -> list[Row]:
    return await database.read(lambda connection: list(connection.execute(statement).all()))


async def _opened(vault: Vault, row: Row) -> Errand:
    person = conversation_of(row).person
    text = None if row.sealed is None else await vault.open(person, row.sealed, errand_context(row.errand_id))
    return errand_of(row, text)
