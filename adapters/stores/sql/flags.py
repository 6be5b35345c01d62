"""Flags in SQL: what moderators have to look at. Identifiers and features only, no text."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.stores.sql.database import SqlDatabase, add
from adapters.stores.sql.tables import Row, conversation_of, flags, where
from bot.identity import Person
from bot.risk.flags import Flag
from bot.severity import Category, Severity, Subject


class SqlFlags:
    """FlagDesk in SQL."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    async def take(self, flag: Flag) -> None:
        values = {
            "flag_id": flag.id,
            **where(flag.conversation),
            "severity": flag.severity.value,
            "category": None if flag.category is None else flag.category.value,
            "rule": flag.rule,
            "subject": None if flag.subject is None else flag.subject.value,
            "policy_id": flag.policy_id,
            "turn_id": flag.turn,
            "at": flag.at,
        }
        await self._database.write(lambda connection: add(connection, flags, values, ("flag_id",)))

    async def taken(self, limit: int) -> tuple[Flag, ...]:
        """The latest flags, oldest first."""
        latest = sa.select(flags).order_by(flags.c.number.desc()).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(latest).all())
        return tuple(_flag(row) for row in reversed(rows))

    async def erase(self, person: Person) -> int:
        theirs = sa.delete(flags).where(flags.c.person == str(person))
        return await self._database.erase(lambda connection: connection.execute(theirs).rowcount)


def _flag(row: Row) -> Flag:
    return Flag(
        id=row.flag_id,
        conversation=conversation_of(row),
        severity=Severity(row.severity),
        category=None if row.category is None else Category(row.category),
        rule=row.rule,
        subject=None if row.subject is None else Subject(row.subject),
        policy_id=row.policy_id,
        turn=row.turn_id,
        at=row.at,
    )
