"""Planned queries in SQL: a row each, vectors as float32 bytes, evidence as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.dialects import postgresql, sqlite

from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.evidence_tables import planned_queries
from adapters.stores.sql.tables import Row
from bot.raise_core.paths.index import Block, PlannedQuery
from bot.raise_core.paths.lessons import Lesson, lesson
from bot.raise_core.paths.rows import evidence_of, learned_json

_FLOAT: Final = "<f4"
_AT_ONCE: Final = 500
"""Ids of one statement, below what any database takes."""
_LOCK: Final = 0x7061746873  # "paths": the number of the advisory lock on PostgreSQL
_LATEST: Final = sa.select(sa.func.coalesce(sa.func.max(planned_queries.c.stamp), 0))


class SqlEvidence:
    """Implements :class:`~bot.raise_core.paths.index.EvidenceStore`. ``database`` is open."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    async def put(self, planned: Sequence[PlannedQuery]) -> None:
        if not planned:
            return
        rows = [_row(each) for each in planned]

        def write(connection: sa.Connection) -> None:
            dialect = connection.dialect.name
            if dialect == "postgresql":  # SQLite lets one write at a time; here a lower stamp could be seen later
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            before = connection.execute(_LATEST).scalar_one()
            connection.execute(_upsert(dialect), [{**row, "stamp": at} for at, row in enumerate(rows, before + 1)])

        await self._database.write(write)

    async def get(self, ids: Sequence[str]) -> Mapping[str, PlannedQuery]:
        found: dict[str, PlannedQuery] = {}
        for start in range(0, len(ids), _AT_ONCE):
            chosen = sa.select(planned_queries).where(planned_queries.c.id.in_(ids[start : start + _AT_ONCE]))
            found |= {each.id: each for each in await self._planned(chosen)}
        return found

    async def page(self, after: str, limit: int, *, not_by: str | None = None) -> tuple[PlannedQuery, ...]:
        table = planned_queries.c
        chosen = sa.select(planned_queries).where(table.id > after).order_by(table.id).limit(limit)
        return await self._planned(chosen if not_by is None else chosen.where(table.embedder != not_by))

    async def counts(self) -> Mapping[str, int]:
        column = planned_queries.c.embedder
        counted = sa.select(column, sa.func.count()).group_by(column)
        rows = await self._database.read(lambda connection: connection.execute(counted).all())
        return {row[0]: row[1] for row in rows}

    async def block(self, embedder: str, after: int, limit: int) -> Block | None:
        table = planned_queries.c
        chosen = (
            sa.select(table.number, table.id, table.domain, table.vector, table.taught, table.lesson)
            .where(table.embedder == embedder, table.number > after)
            .order_by(table.number)
            .limit(limit)
        )
        rows = await self._database.read(lambda connection: connection.execute(chosen).all())
        if not rows:
            return None
        numbers, ids, domains, vectors, taught, lessons = zip(*rows, strict=True)
        joined = np.frombuffer(b"".join(vectors), dtype=_FLOAT).reshape(len(rows), -1)
        learned = tuple(_lesson(names, told) for names, told in zip(taught, lessons, strict=True))
        return Block(ids, domains, joined, learned, numbers[-1])

    async def stamp(self) -> int:
        latest: int = await self._database.read(lambda connection: connection.execute(_LATEST).scalar_one())
        return latest

    async def put_since(self, stamp: int, limit: int) -> tuple[tuple[int, str], ...]:
        table = planned_queries.c
        chosen = sa.select(table.stamp, table.id).where(table.stamp > stamp).order_by(table.stamp).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(chosen).all())
        return tuple((row[0], row[1]) for row in rows)

    async def _planned(self, chosen: sa.Select[*tuple[object, ...]]) -> tuple[PlannedQuery, ...]:
        rows = await self._database.read(lambda connection: connection.execute(chosen).all())
        return tuple(_planned(row) for row in rows)


def _row(planned: PlannedQuery) -> dict[str, object]:
    learned = lesson(planned.evidence)
    return {
        "id": planned.id,
        "domain": planned.evidence.domain,
        "embedder": planned.embedder,
        "vector": _bytes(planned.vector),
        "taught": ",".join(learned.attributes),
        "lesson": _bytes(learned.said) + _bytes(learned.noise),
        "manifest": planned.manifest,
        "planned_at": planned.planned_at,
        "query": planned.evidence.query,
        "evidence": learned_json(planned.evidence),
    }


def _planned(row: Row) -> PlannedQuery:
    return PlannedQuery(
        id=row.id,
        evidence=evidence_of(row.query, row.domain, row.evidence),
        embedder=row.embedder,
        vector=np.frombuffer(row.vector, dtype=_FLOAT).astype(np.float32),
        manifest=row.manifest,
        planned_at=row.planned_at,
    )


def _bytes(numbers: NDArray[np.float32]) -> bytes:
    return numbers.astype(_FLOAT).tobytes()


def _lesson(taught: str, told: bytes) -> Lesson:
    numbers = np.frombuffer(told, dtype=_FLOAT)
    half = len(numbers) // 2
    return Lesson(tuple(taught.split(",")) if taught else (), numbers[:half], numbers[half:])


def _upsert(dialect: str) -> sa.Executable:
    insert = sqlite.insert(planned_queries) if dialect == "sqlite" else postgresql.insert(planned_queries)
    # Number and id stay, so that the order of what was first put stays too.
    replaced = {
        column.name: insert.excluded[column.name] for column in planned_queries.c if column.name not in ("number", "id")
    }
    return insert.on_conflict_do_update(index_elements=["id"], set_=replaced)
