"""How many rows the database holds about somebody, by table: for people who ask what is kept."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.tables import metadata
from bot.identity import Person


async def rows_about(database: SqlDatabase, person: Person) -> Mapping[str, int]:
    """Table -> rows that name the person, of every table that names people at all. Raises StoreUnavailable."""
    tables = [table for table in metadata.sorted_tables if "person" in table.c]
    counts = [
        sa.select(sa.literal(table.name), sa.func.count()).where(table.c.person == str(person)) for table in tables
    ]
    rows = await database.read(lambda connection: connection.execute(sa.union_all(*counts)).all())
    return {name: count for name, count in rows if count}
