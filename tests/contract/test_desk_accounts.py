"""The contract of accounts, over every implementation, and what is kept of a password."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from adapters.stores.sql.account_tables import accounts
from adapters.stores.sql.accounts import SqlAccounts
from adapters.stores.sql.database import SqlDatabase
from bot.errors import InputError
from bot.private import Private
from bot.review.accounts import good_password, new_moderator
from bot.review.moderators import EVERYWHERE, Moderator, Role
from tests.contract.desk_accounts import MIA, PASSWORD, AccountBookContract
from tests.support.databases import InSql, OnPostgres, OnSqlite
from tests.support.people import NOW

CHEAP = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


class _InSql(InSql, AccountBookContract):
    @pytest.fixture
    def book(self, database: SqlDatabase) -> SqlAccounts:
        return SqlAccounts(database, CHEAP)


class TestInSqlite(OnSqlite, _InSql):
    async def test_a_password_is_kept_as_an_argon2id_hash(self, database: SqlDatabase) -> None:
        await SqlAccounts(database).save(MIA, PASSWORD, NOW)
        kept = await database.read(lambda connection: connection.execute(sa.select(accounts.c.password)).scalar())
        assert str(kept).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


class TestInPostgres(OnPostgres, _InSql):
    """On PostgreSQL."""


def test_an_account_as_typed() -> None:
    assert new_moderator("mia", "moderator", ["slack:T1"]) == Moderator("mia", Role.MODERATOR, frozenset({"slack:T1"}))
    assert new_moderator("lea.2", "lead", []).workspaces == EVERYWHERE


@pytest.mark.parametrize(
    ("name", "role", "workspaces"),
    [
        ("Mia", "lead", []),
        ("", "lead", []),
        ("raise-bot", "lead", []),
        ("a" * 41, "lead", []),
        ("mia", "admin", []),
        ("mia", "lead", ["T1"]),
        ("mia", "lead", ["slack:T1 slack:T2"]),
    ],
)
def test_an_account_that_cannot_be(name: str, role: str, workspaces: list[str]) -> None:
    with pytest.raises(InputError, match="expected"):
        new_moderator(name, role, workspaces)


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaaaaaa", "mia-mia-mia", "x" * 300])
def test_a_password_that_is_easy_to_guess(password: str) -> None:
    with pytest.raises(InputError, match="expected a password"):
        good_password(Private(password), "mia")


def test_a_long_password_needs_nothing_else() -> None:
    assert good_password(PASSWORD, "mia") == PASSWORD
