"""The contracts of cards in channels and of links to accounts, over every implementation."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from adapters.stores.memory_cards import MemoryPostings
from adapters.stores.sql.accounts import SqlAccounts
from adapters.stores.sql.cards import SqlPostings
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.links import SqlLinks
from tests.contract.cards import ANNA, LinkBookContract, PostingsContract
from tests.contract.desk_accounts import LEA, MIA, PASSWORD
from tests.support.databases import InSql, OnPostgres, OnSqlite
from tests.support.people import NOW

CHEAP = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


class TestPostingsInMemory(PostingsContract):
    @pytest.fixture
    def postings(self) -> MemoryPostings:
        return MemoryPostings()


class _InSql(InSql, PostingsContract, LinkBookContract):
    @pytest.fixture
    def postings(self, database: SqlDatabase) -> SqlPostings:
        return SqlPostings(database)

    @pytest.fixture
    async def book(self, database: SqlDatabase) -> SqlAccounts:
        accounts = SqlAccounts(database, CHEAP)
        for each in (MIA, LEA):
            await accounts.save(each, PASSWORD, NOW)
        return accounts

    @pytest.fixture
    def links(self, database: SqlDatabase, book: SqlAccounts) -> SqlLinks:
        return SqlLinks(database)

    async def test_an_account_that_was_removed_links_to_nothing(self, links: SqlLinks, book: SqlAccounts) -> None:
        await links.link(ANNA, "mia")
        await book.remove("mia")
        assert await links.moderator(ANNA) is None
        await book.save(MIA, PASSWORD, NOW)
        assert await links.moderator(ANNA) is None, "another account of that name"


class TestInSqlite(OnSqlite, _InSql):
    """On SQLite."""


class TestInPostgres(OnPostgres, _InSql):
    """On PostgreSQL."""
