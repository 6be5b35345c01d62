"""How far each place of a platform was read, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from adapters.stores.sql.database import SqlDatabase, add, put
from adapters.stores.sql.face_tables import bookmarks
from adapters.stores.sql.tables import Row
from bot.chat.bookmarks import Bookmark
from bot.clock import Seconds
from bot.identity import Person

_KEY: Final = ("platform", "channel")


class SqlBookmarks:
    """Bookmarks of one platform in SQL. ``keep``: seconds after which a place nobody wrote in is no longer read on."""

    def __init__(self, database: SqlDatabase, platform: str, keep: Seconds) -> None:
        self._database = database
        self._platform = platform
        self._keep = keep

    async def mark(self, bookmark: Bookmark) -> None:
        values = self._values(bookmark)

        def keep_latest(connection: sa.Connection) -> None:
            known = connection.execute(self._this(bookmark.channel)).first()
            if known is None or known.at <= bookmark.at:
                put(connection, bookmarks, values, _KEY)

        await self._database.write(keep_latest)

    async def meet(self, bookmark: Bookmark) -> None:
        values = self._values(bookmark)
        await self._database.write(lambda connection: add(connection, bookmarks, values, _KEY))

    async def of(self, channel: str) -> Bookmark | None:
        row = await self._database.read(lambda connection: connection.execute(self._this(channel)).first())
        return _bookmark(row) if row is not None else None

    async def since(self, at: Seconds, limit: int) -> Sequence[Bookmark]:
        table = bookmarks.c
        later = sa.select(bookmarks).where(table.platform == self._platform, table.at > at)
        latest = later.order_by(table.at.desc()).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(latest).all())
        return [_bookmark(row) for row in rows]

    async def forget(self, person: Person) -> int:
        return await self._delete(bookmarks.c.person == str(person))

    async def leave(self, workspace: str) -> int:
        return await self._delete(sa.and_(bookmarks.c.workspace == workspace, bookmarks.c.person.is_(None)))

    async def purge(self, now: Seconds, limit: int) -> int:
        """Drop at most ``limit`` bookmarks older than ``keep``."""
        table = bookmarks.c
        old = sa.select(table.channel).where(table.platform == self._platform, table.at < now - self._keep).limit(limit)
        return await self._delete(table.channel.in_(old))

    def _values(self, bookmark: Bookmark) -> dict[str, object]:
        return {
            "platform": self._platform,
            "channel": bookmark.channel,
            "workspace": bookmark.workspace,
            "message": bookmark.message,
            "at": bookmark.at,
            "person": str(bookmark.person) if bookmark.person is not None else None,
        }

    def _this(self, channel: str) -> sa.Select[tuple[object, ...]]:
        return sa.select(bookmarks).where(bookmarks.c.platform == self._platform, bookmarks.c.channel == channel)

    async def _delete(self, which: sa.ColumnElement[bool]) -> int:
        gone = sa.delete(bookmarks).where(bookmarks.c.platform == self._platform, which)
        return await self._database.erase(lambda connection: connection.execute(gone).rowcount)


def _bookmark(row: Row) -> Bookmark:
    person = Person.parse(row.person) if row.person is not None else None
    return Bookmark(row.channel, row.workspace, row.message, row.at, person)
