"""Where an app of a platform is, and what it has told the platform, in SQL. Nothing about people."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from adapters.stores.sql.database import SqlDatabase, add, put
from adapters.stores.sql.face_tables import registrations, workspaces_joined


class SqlWorkspaces:
    """Workspaces of one platform in SQL."""

    def __init__(self, database: SqlDatabase, platform: str) -> None:
        self._database = database
        self._platform = platform

    async def joined(self, app: str) -> frozenset[str]:
        table = workspaces_joined.c
        its = sa.select(table.workspace).where(table.platform == self._platform, table.app == app)
        return frozenset(await self._database.read(lambda connection: connection.execute(its).scalars().all()))

    async def join(self, app: str, workspaces: Iterable[str]) -> None:
        rows: list[dict[str, object]] = [
            {"platform": self._platform, "app": app, "workspace": each} for each in workspaces
        ]

        def keep(connection: sa.Connection) -> None:
            for row in rows:
                add(connection, workspaces_joined, row, ("platform", "app", "workspace"))

        await self._database.write(keep)

    async def leave(self, app: str, workspace: str) -> None:
        table = workspaces_joined.c
        this = sa.and_(table.platform == self._platform, table.app == app, table.workspace == workspace)
        gone = sa.delete(workspaces_joined).where(this)
        await self._database.erase(lambda connection: connection.execute(gone).rowcount)


class SqlRegistrations:
    """Registrations of one platform in SQL."""

    def __init__(self, database: SqlDatabase, platform: str) -> None:
        self._database = database
        self._platform = platform

    async def told(self, app: str) -> str:
        table = registrations.c
        this = sa.select(table.digest).where(table.platform == self._platform, table.app == app)
        return await self._database.read(lambda connection: connection.execute(this).scalar()) or ""

    async def remember(self, app: str, digest: str) -> None:
        values: dict[str, object] = {"platform": self._platform, "app": app, "digest": digest}
        await self._database.write(lambda connection: put(connection, registrations, values, ("platform", "app")))
