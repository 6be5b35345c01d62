"""The desk's figures in SQL: counted by the database, without reading a single case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.review_tables import referrals, review_cases, review_flags
from adapters.stores.sql.tables import Row
from bot.clock import Seconds
from bot.review.cases import Ruling
from bot.review.figures import Figures, Referral, RulePrecision, Waiting, rank
from bot.severity import Category, Severity

_CASES = review_cases.c
_FLAGS = review_flags.c
Conditions = Sequence[sa.ColumnElement[bool]]


class SqlArchive:
    """Archive in SQL."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    async def figures(self, now: Seconds, since: Seconds, workspaces: frozenset[str] | None) -> Figures:
        here = [] if workspaces is None else [_CASES.workspace.in_(sorted(workspaces))]
        opened = (*here, _CASES.opened_at >= since)

        def count(connection: sa.Connection) -> Figures:
            became = connection.execute(_became(opened)).all()
            seen = sum(row.seen for row in became)
            median, p90 = _first_looks(connection, opened, seen)
            found = {row.ruling: row.cases for row in became}
            return Figures(
                waiting=tuple(_waiting(row) for row in connection.execute(_waits(now, here)).all()),
                opened=sum(row.cases for row in became),
                escalated=sum(row.escalated for row in became),
                unseen=sum(row.cases for row in became) - seen,
                first_look_median=median,
                first_look_p90=p90,
                rulings=tuple((each, found[each.value]) for each in Ruling if each.value in found),
                precision=tuple(_precision(row) for row in connection.execute(_judged(since, here)).all()),
            )

        return await self._database.read(count)

    async def referrals(self) -> tuple[Referral, ...]:
        counted = sa.select(referrals.c.month, referrals.c.category, referrals.c.count)
        ordered = counted.order_by(referrals.c.month, referrals.c.category)
        rows = await self._database.read(lambda connection: connection.execute(ordered).all())
        return tuple(
            Referral(month, Category(category) if category else None, count) for month, category, count in rows
        )


def _waits(now: Seconds, here: Conditions) -> sa.Select[Any]:
    held = sa.and_(_CASES.claimed_until.is_not(None), _CASES.claimed_until > now)
    return (
        sa.select(
            _CASES.severity,
            sa.func.count().label("pending"),
            _sum(held).label("claimed"),
            _sum(_CASES.deadline < now).label("overdue"),
            sa.func.min(_CASES.since).label("oldest"),
        )
        .where(*here, _CASES.pending.is_(True))
        .group_by(_CASES.severity, _CASES.urgency)
        .order_by(_CASES.urgency)
    )


def _waiting(row: Row) -> Waiting:
    return Waiting(Severity(row.severity), row.pending - row.claimed, row.claimed, row.overdue, row.oldest)


def _became(opened: Conditions) -> sa.Select[Any]:
    """What became of cases, in one reading: how many by ruling (None: not decided), seen and escalated."""
    return (
        sa.select(
            _CASES.ruling,
            sa.func.count().label("cases"),
            sa.func.count(_CASES.escalated_at).label("escalated"),
            sa.func.count(_CASES.first_seen_at).label("seen"),
        )
        .where(*opened)
        .group_by(_CASES.ruling)
    )


def _first_looks(connection: sa.Connection, opened: Conditions, seen: int) -> tuple[Seconds | None, Seconds | None]:
    """Median and ninth tenth of the time to the first look over ``seen`` cases, ordered by the database."""
    if not seen:
        return None, None
    waited = (_CASES.first_seen_at - _CASES.opened_at).label("waited")
    places = [rank(seen, share) for share in (0.5, 0.9)]
    ordered = (
        sa.select(waited, sa.func.row_number().over(order_by=waited).label("place"))
        .where(*opened, _CASES.first_seen_at.is_not(None))
        .subquery()
    )
    found = {
        row.place - 1: row.waited
        for row in connection.execute(sa.select(ordered).where(ordered.c.place.in_([place + 1 for place in places])))
    }
    return found.get(places[0]), found.get(places[1])


def _judged(since: Seconds, here: Conditions) -> sa.Select[Any]:
    joined = review_flags.join(review_cases, _FLAGS.case_id == _CASES.case_id) if here else review_flags
    return (
        sa.select(
            _FLAGS.rule,
            _FLAGS.category,
            sa.func.count().label("flags"),
            sa.func.count(_FLAGS.ruling).label("judged"),
            _sum(_FLAGS.ruling != Ruling.NO_RISK.value).label("confirmed"),
        )
        .select_from(joined)
        .where(*here, _FLAGS.at >= since)
        .group_by(_FLAGS.category, _FLAGS.rule)
        .order_by(sa.func.coalesce(_FLAGS.category, ""), _FLAGS.rule)
    )


def _precision(row: Row) -> RulePrecision:
    category = None if row.category is None else Category(row.category)
    return RulePrecision(row.rule, category, row.flags, row.judged, row.confirmed)


def _sum(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    """How many rows meet the condition; those where it cannot be told do not."""
    return sa.func.sum(sa.case((condition, 1), else_=0))
