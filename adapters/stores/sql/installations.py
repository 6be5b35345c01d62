"""Where the app is installed, in SQL: a row a workspace or organisation, tokens sealed with the deployment's key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from adapters.stores.sealing import KEY_BYTES, seal, unseal
from adapters.stores.sql.database import SqlDatabase, put
from adapters.stores.sql.tables import Row, installations
from bot.chat.installations import Installation
from bot.errors import SettingsError, Unreadable
from bot.private import Private

_LOST: Final = (
    "the token of an installation does not open with this deployment's key: give back the key it was sealed with "
    "(RAISE_KEY), or install the app in that workspace again"
)


class SqlInstallations:
    """Installations in SQL. ``keys`` are the deployment's, 32 bytes each: the first seals, older ones still open."""

    def __init__(self, database: SqlDatabase, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise SettingsError((f"expected deployment keys of {KEY_BYTES} bytes each, at least one",))
        self._database = database
        self._keys = tuple(keys)

    async def save(self, installation: Installation) -> None:
        token = installation.token.reveal().encode()
        values = {
            "workspace": installation.workspace,
            "enterprise": installation.enterprise,
            "token": seal(self._keys[0], token, _bound(installation.workspace, installation.enterprise)),
            "bot_user": installation.bot_user,
            "bot": installation.bot,
            "app": installation.app,
            "scopes": list(installation.scopes),
            "installed_at": installation.installed_at,
        }
        await self._database.write(
            lambda connection: put(connection, installations, values, ("workspace", "enterprise"))
        )

    async def find(self, workspace: str, enterprise: str) -> Installation | None:
        table = installations.c
        own = sa.and_(table.workspace == workspace, table.workspace != "")
        whole = sa.and_(table.workspace == "", table.enterprise == enterprise, table.enterprise != "")
        # The workspace's own comes first, the latest of them where there are several.
        found = sa.select(installations).where(own | whole).order_by(table.workspace == "", table.installed_at.desc())
        row = await self._database.read(lambda connection: connection.execute(found).first())
        return None if row is None else self._installation(row)

    async def workspaces(self, enterprise: str) -> tuple[str, ...]:
        table = installations.c
        theirs = sa.and_(table.enterprise == enterprise, table.enterprise != "", table.workspace != "")
        found = sa.select(table.workspace).where(theirs).order_by(table.workspace)
        return tuple(await self._database.read(lambda connection: connection.execute(found).scalars().all()))

    async def remove(self, workspace: str, enterprise: str) -> int:
        if not workspace and not enterprise:
            return 0
        table = installations.c
        theirs = table.workspace == workspace if workspace else table.enterprise == enterprise
        gone = sa.delete(installations).where(theirs)
        return await self._database.erase(lambda connection: connection.execute(gone).rowcount)

    async def rotate(self) -> int:
        """Seal anew every token that an older deployment key sealed; returns how many. Raises Unreadable for one that
        none of the keys opens."""
        rows = await self._database.read(lambda connection: connection.execute(sa.select(installations)).all())
        stale = [row for row in rows if not self._is_current(row)]
        for row in stale:
            await self.save(self._installation(row))
        return len(stale)

    def _is_current(self, row: Row) -> bool:
        try:
            unseal(self._keys[0], row.token, _bound(row.workspace, row.enterprise), _LOST)
        except Unreadable:
            return False
        return True

    def _installation(self, row: Row) -> Installation:
        return Installation(
            workspace=row.workspace,
            enterprise=row.enterprise,
            token=Private(self._opened(row)),
            bot_user=row.bot_user,
            bot=row.bot,
            app=row.app,
            scopes=tuple(row.scopes),
            installed_at=row.installed_at,
        )

    def _opened(self, row: Row) -> str:
        for key in self._keys:
            try:
                return unseal(key, row.token, _bound(row.workspace, row.enterprise), _LOST).decode()
            except Unreadable:
                continue
        raise Unreadable(_LOST)


def _bound(workspace: str, enterprise: str) -> bytes:
    return f"installation.token\x00{workspace}\x00{enterprise}".encode()
