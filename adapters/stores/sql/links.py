"""Who in chat works under which account of the desk, in SQL. The account itself says what it may do."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.stores.sql.account_tables import accounts
from adapters.stores.sql.card_tables import account_links
from adapters.stores.sql.database import SqlDatabase, put
from bot.identity import Person
from bot.review.moderators import Moderator, Role

_LINK = account_links.c
_KEY = ("platform", "workspace", "user")


class SqlLinks:
    """Links in SQL, beside the accounts."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    async def moderator(self, who: Person) -> Moderator | None:
        linked = sa.select(accounts).join(account_links, _LINK.account == accounts.c.name).where(*_this(who))
        row = await self._database.read(lambda connection: connection.execute(linked).first())
        return None if row is None else Moderator(row.name, Role(row.role), frozenset(row.workspaces))

    async def link(self, who: Person, name: str) -> bool:
        known = sa.select(accounts.c.name).where(accounts.c.name == name)
        values: dict[str, object] = {
            "platform": who.platform,
            "workspace": who.workspace,
            "user": who.user,
            "account": name,
        }

        def keep(connection: sa.Connection) -> bool:
            if connection.execute(known).first() is None:
                return False
            put(connection, account_links, values, _KEY)
            return True

        return await self._database.write(keep)

    async def unlink(self, who: Person) -> bool:
        gone = sa.delete(account_links).where(*_this(who))
        return await self._database.erase(lambda connection: connection.execute(gone).rowcount) > 0

    async def linked(self) -> tuple[tuple[Person, str], ...]:
        every = sa.select(account_links).order_by(_LINK.account, _LINK.platform, _LINK.workspace, _LINK.user)
        rows = await self._database.read(lambda connection: connection.execute(every).all())
        return tuple((Person(row.platform, row.workspace, row.user), row.account) for row in rows)

    async def leave(self, platform: str, workspace: str) -> int:
        gone = sa.delete(account_links).where(_LINK.platform == platform, _LINK.workspace == workspace)
        return await self._database.erase(lambda connection: connection.execute(gone).rowcount)


def _this(who: Person) -> tuple[sa.ColumnElement[bool], ...]:
    return _LINK.platform == who.platform, _LINK.workspace == who.workspace, _LINK.user == who.user
