"""Paid calls in SQL: many come at once, so what comes together is committed together (see SqlDatabase)."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.stores.sql.database import SqlDatabase, add
from adapters.stores.sql.evidence_tables import paid_calls
from bot.llm.paid import PaidCall
from bot.llm.provider import Purpose, Usage

_CHOSEN = sa.select(paid_calls).where(paid_calls.c.key == sa.bindparam("wanted"))


class SqlPaidCalls:
    """Implements :class:`~bot.llm.paid.PaidCalls`. ``database`` is open."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    async def get(self, key: str) -> PaidCall | None:
        row = await self._database.read(lambda connection: connection.execute(_CHOSEN, {"wanted": key}).first())
        if row is None:
            return None
        usage = Usage(row.input_tokens, row.output_tokens, row.usd, row.calls)
        return PaidCall(
            key=row.key,
            purpose=Purpose(row.purpose),
            model=row.model,
            text=row.text,
            failure=row.failure,
            complete=row.complete,
            usage=usage,
            at=row.at,
            declined=row.declined,
        )

    async def put(self, call: PaidCall) -> None:
        values: dict[str, object] = {
            "key": call.key,
            "purpose": call.purpose.value,
            "model": call.model,
            # PostgreSQL keeps no NUL, and a model may write one.
            "text": call.text.replace("\0", ""),
            "failure": call.failure.replace("\0", ""),
            "complete": call.complete,
            "calls": call.usage.calls,
            "input_tokens": call.usage.input_tokens,
            "output_tokens": call.usage.output_tokens,
            "usd": call.usage.usd,
            "at": call.at,
            "declined": call.declined,
        }
        await self._database.write(lambda connection: add(connection, paid_calls, values, ("key",)))
