"""The audit in SQL: every decision in features, as JSON, for operators to explain and replay."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import asdict

import sqlalchemy as sa
from pydantic import TypeAdapter

from adapters.stores.sql.database import SqlDatabase, add
from adapters.stores.sql.tables import Row, conversation_of, decisions, where
from bot.clock import Seconds
from bot.conversation.audit import ANSWER, Decided, Entry, Use, counted
from bot.identity import ConversationKey, Person
from bot.review.operating import DAY, Tally

_DECIDED: TypeAdapter[Decided] = TypeAdapter(Decided)


class SqlAudit:
    """Audit in SQL. ``keep`` in seconds is how long decisions stay before :meth:`purge` takes them."""

    def __init__(self, database: SqlDatabase, keep: Seconds) -> None:
        self._database = database
        self._keep = keep

    async def record(self, turn_id: str, conversation: ConversationKey, at: Seconds, decided: Decided) -> None:
        values = {"turn_id": turn_id, "kind": decided.kind, **where(conversation), "at": at, "decided": asdict(decided)}
        await self._database.write(lambda connection: add(connection, decisions, values, ("turn_id", "kind")))

    async def latest(self, limit: int) -> tuple[Entry, ...]:
        """The latest decisions, oldest first. What a newer release recorded beside the known features is ignored."""
        newest = sa.select(decisions).order_by(decisions.c.number.desc()).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(newest).all())
        return tuple(_entry(row) for row in reversed(rows))

    async def of_turn(self, turn_id: str) -> tuple[Entry, ...]:
        """Every decision of one turn, in order; none where it is unknown, too old or forgotten."""
        theirs = sa.select(decisions).where(decisions.c.turn_id == turn_id).order_by(decisions.c.number)
        rows = await self._database.read(lambda connection: connection.execute(theirs).all())
        return tuple(_entry(row) for row in rows)

    async def since(self, number: int, limit: int) -> tuple[tuple[int, Entry], ...]:
        """At most ``limit`` decisions after the one of this number, oldest first, each with its own."""
        later = sa.select(decisions).where(decisions.c.number > number).order_by(decisions.c.number).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(later).all())
        return tuple((row.number, _entry(row)) for row in rows)

    async def uses(self, person: Person) -> Mapping[str, Use]:
        answers = sa.select(decisions.c.at, decisions.c.decided).where(
            decisions.c.person == str(person), decisions.c.kind == ANSWER
        )
        rows = await self._database.read(lambda connection: connection.execute(answers).all())
        return counted((row.at, row.decided.get("known", ())) for row in rows)

    async def tally(self, since: Seconds, workspaces: Set[str] | None) -> tuple[Tally, ...]:
        """Implements :class:`bot.review.operating.Tallies`: counted by the database, by day."""
        day = sa.cast(sa.func.floor(decisions.c.at / DAY), sa.Integer).label("day")
        features = [decisions.c.decided[name].as_string().label(name) for name in ("attribute", "rule", "policy_id")]
        groups = (day, decisions.c.kind, *features)
        counted = sa.select(*groups, sa.func.count().label("times")).where(decisions.c.at >= since)
        if workspaces is not None:
            starts = [decisions.c.person.startswith(f"{each}:", autoescape=True) for each in sorted(workspaces)]
            counted = counted.where(sa.or_(sa.false(), *starts))
        wanted = counted.group_by(*groups).order_by(day)
        rows = await self._database.read(lambda connection: connection.execute(wanted).all())
        return tuple(Tally(row.day * DAY, row.kind, row.attribute, row.rule, row.policy_id, row.times) for row in rows)

    async def erase(self, person: Person) -> int:
        theirs = sa.delete(decisions).where(decisions.c.person == str(person))
        return await self._database.erase(lambda connection: connection.execute(theirs).rowcount)

    async def purge(self, now: Seconds, limit: int) -> int:
        """Delete at most ``limit`` decisions that were kept long enough."""
        old = sa.select(decisions.c.number).where(decisions.c.at <= now - self._keep).limit(limit)
        gone = sa.delete(decisions).where(decisions.c.number.in_(old))
        return await self._database.write(lambda connection: connection.execute(gone).rowcount)


def _entry(row: Row) -> Entry:
    return Entry(row.turn_id, conversation_of(row), row.at, _DECIDED.validate_python(row.decided))
