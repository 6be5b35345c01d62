"""Where the cards of cases stand in channels of moderators, in SQL. Names cases, never people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from adapters.stores.sql.card_tables import review_cards, review_cards_read
from adapters.stores.sql.database import SqlDatabase, add, put
from adapters.stores.sql.tables import Row
from bot.clock import Seconds
from bot.review.chat.channel import Channel
from bot.review.chat.store import Posting

_KEY = ("case_id", "platform", "workspace", "channel")
_CARD = review_cards.c


class SqlPostings:
    """Postings in SQL."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    async def read_to(self, platform: str) -> int | None:
        statement = sa.select(review_cards_read.c.number).where(review_cards_read.c.platform == platform)
        return await self._database.read(lambda connection: connection.execute(statement).scalar())

    async def want(self, platform: str, cases: Mapping[str, Channel | None], read_to: int, now: Seconds) -> None:
        theirs = (_CARD.platform == platform, _CARD.case_id.in_(list(cases)))
        # A card whose last try failed keeps its pause.
        due = sa.case((_CARD.failures > 0, _CARD.due_at), else_=now)
        changed = sa.update(review_cards).where(*theirs).values(wanted=_CARD.wanted + 1, due_at=due)

        def keep(connection: sa.Connection) -> None:
            connection.execute(changed)
            for case_id, channel in cases.items():
                if channel is not None:
                    add(connection, review_cards, _new(case_id, channel, now), _KEY)
            put(connection, review_cards_read, {"platform": platform, "number": read_to}, ("platform",))

        await self._database.write(keep)

    async def take(self, platform: str, now: Seconds, until: Seconds, limit: int) -> tuple[Posting, ...]:
        ready = (_CARD.platform == platform, _CARD.due_at <= now, _CARD.leased_until <= now)
        order = (_CARD.message == "", _CARD.due_at, _CARD.case_id)
        first = sa.select(review_cards).where(*ready).order_by(*order).limit(limit)

        def lease(connection: sa.Connection) -> list[Row]:
            taken = []
            for row in connection.execute(first).all():
                begun = now if row.begun_at is None else row.begun_at
                this = sa.update(review_cards).where(*_this(_posting(row)), _CARD.leased_until <= now)
                if connection.execute(this.values(leased_until=until, begun_at=begun)).rowcount:
                    taken.append(row)
            return taken

        # Looking costs no commit; most of the time there is nothing to do.
        if not await self._database.read(lambda connection: connection.execute(first).first()):
            return ()
        return tuple(map(_posting, await self._database.write(lease)))

    async def settle(self, posting: Posting, again_at: Seconds | None, now: Seconds) -> None:
        changed_since = _CARD.wanted != posting.wanted
        again = sa.case((changed_since & sa.literal(not posting.failures), now), else_=sa.literal(again_at, sa.Float))
        values: dict[str, Any] = {
            "message": posting.message,
            "shown": posting.shown,
            "failures": posting.failures,
            "problem": posting.problem,
            "leased_until": 0.0,
            "due_at": again,
        }
        if not posting.message and not posting.failures:
            values["begun_at"] = None  # nothing of an earlier try is left to be found
        done = sa.update(review_cards).where(*_this(posting)).values(values)
        await self._database.write(lambda connection: connection.execute(done).rowcount)

    async def drop(self, posting: Posting) -> None:
        gone = sa.delete(review_cards).where(*_this(posting))
        await self._database.write(lambda connection: connection.execute(gone).rowcount)

    async def troubles(self) -> tuple[Posting, ...]:
        failing = sa.select(review_cards).where(_CARD.problem != "").order_by(_CARD.due_at, _CARD.case_id)
        rows = await self._database.read(lambda connection: connection.execute(failing).all())
        return tuple({posting.channel: posting for posting in map(_posting, rows)}.values())

    async def leave(self, platform: str, workspace: str) -> int:
        gone = sa.delete(review_cards).where(_CARD.platform == platform, _CARD.workspace == workspace)
        return await self._database.erase(lambda connection: connection.execute(gone).rowcount)


def _new(case_id: str, channel: Channel, now: Seconds) -> dict[str, object]:
    where = {"case_id": case_id, "platform": channel.platform, "workspace": channel.workspace, "channel": channel.id}
    fresh = {"message": "", "shown": "", "wanted": 1, "due_at": now, "leased_until": 0.0}
    return {**where, **fresh, "begun_at": None, "failures": 0, "problem": ""}


def _this(posting: Posting) -> tuple[sa.ColumnElement[bool], ...]:
    channel = posting.channel
    return (
        _CARD.case_id == posting.case_id,
        _CARD.platform == channel.platform,
        _CARD.workspace == channel.workspace,
        _CARD.channel == channel.id,
    )


def _posting(row: Row) -> Posting:
    return Posting(
        case_id=row.case_id,
        channel=Channel(row.platform, row.workspace, row.channel),
        wanted=row.wanted,
        message=row.message,
        shown=row.shown,
        begun_at=row.begun_at,
        failures=row.failures,
        problem=row.problem,
    )
