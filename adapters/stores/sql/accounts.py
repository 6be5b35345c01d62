"""The desk's accounts in SQL; passwords hashed with Argon2id, with the parameters RFC 9106 recommends for servers."""

from __future__ import annotations

import asyncio
from typing import Final

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from adapters.stores.sql.account_tables import accounts
from adapters.stores.sql.card_tables import account_links
from adapters.stores.sql.database import SqlDatabase, put
from adapters.stores.sql.tables import Row
from bot.clock import Seconds
from bot.private import Private
from bot.review.accounts import Account
from bot.review.moderators import Moderator, Role

AT_ONCE: Final = 2
"""Each hash takes 64 MiB: a crowd at the door waits in line instead of using up the memory."""
_NOBODY: Final = "what is compared with when there is no such account"


class SqlAccounts:
    """Accounts in SQL. ``hasher`` may be a cheaper one in tests."""

    def __init__(self, database: SqlDatabase, hasher: PasswordHasher | None = None) -> None:
        self._database = database
        self._hasher = hasher or PasswordHasher()
        self._decoy: str | None = None
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def find(self, name: str) -> Moderator | None:
        account = await self.account(name)
        return None if account is None else account.moderator

    async def account(self, name: str) -> Account | None:
        row = await self._row(name)
        return None if row is None else _account(row)

    async def everybody(self) -> tuple[Moderator, ...]:
        rows = await self._database.read(
            lambda connection: connection.execute(sa.select(accounts).order_by(accounts.c.name)).all()
        )
        return tuple(_account(row).moderator for row in rows)

    async def proven(self, name: str, password: Private[str]) -> Account | None:
        row = await self._row(name)
        async with self._turn:
            known = row.password if row is not None else await self._nobodys()
            right = await asyncio.to_thread(self._matches, known, password)
        return _account(row) if row is not None and right else None

    async def save(self, moderator: Moderator, password: Private[str], now: Seconds) -> bool:
        hashed = await asyncio.to_thread(self._hasher.hash, password.reveal())
        new = await self._row(moderator.name) is None
        values: dict[str, object] = {
            "name": moderator.name,
            "role": moderator.role.value,
            "workspaces": sorted(moderator.workspaces),
            "password": hashed,
            "password_set_at": now,
        }
        await self._database.write(lambda connection: put(connection, accounts, values, ("name",)))
        return new

    async def remove(self, name: str) -> bool:
        gone = sa.delete(accounts).where(accounts.c.name == name)
        links = sa.delete(account_links).where(account_links.c.account == name)

        def remove(connection: sa.Connection) -> int:
            connection.execute(links)  # another account of this name must not come with them
            return connection.execute(gone).rowcount

        return await self._database.erase(remove) > 0

    async def _row(self, name: str) -> Row | None:
        found = sa.select(accounts).where(accounts.c.name == name)
        return await self._database.read(lambda connection: connection.execute(found).first())

    async def _nobodys(self) -> str:
        """A hash with this hasher's own costs, so that a name that does not exist cannot be told by the time."""
        if self._decoy is None:
            self._decoy = await asyncio.to_thread(self._hasher.hash, _NOBODY)
        return self._decoy

    def _matches(self, known: str, password: Private[str]) -> bool:
        try:
            return self._hasher.verify(known, password.reveal())
        except (VerificationError, InvalidHashError):
            return False


def _account(row: Row) -> Account:
    return Account(Moderator(row.name, Role(row.role), frozenset(row.workspaces)), row.password_set_at)
