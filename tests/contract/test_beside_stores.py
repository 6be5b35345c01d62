"""The contracts of what platforms keep beside the core, over every implementation; and how SQL keeps it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from adapters.discord.memory import (
    MemoryBookmarks,
    MemoryEnvelopes,
    MemoryLocales,
    MemoryRegistrations,
    MemoryWorkspaces,
)
from adapters.stores.sealing import new_key
from adapters.stores.sql.bookmarks import SqlBookmarks
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.envelopes import SqlEnvelopes
from adapters.stores.sql.locales import SqlLocales
from adapters.stores.sql.vault import SqlVault
from adapters.stores.sql.workspaces import SqlRegistrations, SqlWorkspaces
from bot.chat import Outbound
from bot.chat.bookmarks import Bookmark
from bot.clock import ManualClock
from bot.conversation.codec import decode, encode
from tests.contract.beside import (
    ANN,
    KEEP,
    SECRET,
    BookmarksContract,
    EnvelopesContract,
    LocalesContract,
    RegistrationsContract,
    WorkspacesContract,
    message,
)
from tests.support.databases import InSql, OnPostgres, OnSqlite


class _All(EnvelopesContract, BookmarksContract, LocalesContract, WorkspacesContract, RegistrationsContract):
    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock(1_000.0)


class TestInMemory(_All):
    @pytest.fixture
    def envelopes(self, clock: ManualClock) -> MemoryEnvelopes:
        return MemoryEnvelopes(clock)

    @pytest.fixture
    def bookmarks(self) -> MemoryBookmarks:
        return MemoryBookmarks()

    @pytest.fixture
    def locales(self) -> MemoryLocales:
        return MemoryLocales(KEEP)

    @pytest.fixture
    def workspaces(self) -> MemoryWorkspaces:
        return MemoryWorkspaces()

    @pytest.fixture
    def registrations(self) -> MemoryRegistrations:
        return MemoryRegistrations()


class _InSql(InSql, _All):
    @pytest.fixture
    def vault(self, database: SqlDatabase, clock: ManualClock) -> SqlVault:
        return SqlVault(database, [new_key()], clock)

    @pytest.fixture
    def envelopes(self, database: SqlDatabase, vault: SqlVault, clock: ManualClock) -> SqlEnvelopes:
        return SqlEnvelopes(database, vault, clock, write=encode, read=partial(decode, kind=Outbound))

    @pytest.fixture
    def bookmarks(self, database: SqlDatabase) -> SqlBookmarks:
        return SqlBookmarks(database, "discord", KEEP)

    @pytest.fixture
    def locales(self, database: SqlDatabase) -> SqlLocales:
        return SqlLocales(database, KEEP)

    @pytest.fixture
    def workspaces(self, database: SqlDatabase) -> SqlWorkspaces:
        return SqlWorkspaces(database, "discord")

    @pytest.fixture
    def registrations(self, database: SqlDatabase) -> SqlRegistrations:
        return SqlRegistrations(database, "discord")

    async def test_what_has_expired_is_freed_in_slices(
        self, envelopes: SqlEnvelopes, bookmarks: SqlBookmarks, locales: SqlLocales
    ) -> None:
        for number in range(3):
            await envelopes.keep(f"k{number}", message(), float(number))
            await bookmarks.mark(Bookmark(f"c{number}", "10", "m", float(number)))
        await locales.learn(ANN, "de", 0.0)
        for store in (envelopes, bookmarks):
            assert [await store.purge(KEEP + 2.0, 2) for _ in range(3)] == [2, 1 if store is envelopes else 0, 0]
        assert [await locales.purge(KEEP, 2) for _ in range(2)] == [1, 0]

    async def test_without_the_persons_key_nothing_is_found(self, envelopes: SqlEnvelopes, vault: SqlVault) -> None:
        await envelopes.keep("k1", message(), 2_000.0)
        await vault.shred(ANN)
        assert await envelopes.find("k1") is None

    async def test_platforms_do_not_meet(self, bookmarks: SqlBookmarks, database: SqlDatabase) -> None:
        await bookmarks.mark(Bookmark("c1", "10", "m1", 1.0))
        elsewhere = SqlBookmarks(database, "other", KEEP)
        assert await elsewhere.of("c1") is None
        assert await elsewhere.leave("10") == 0
        assert await SqlWorkspaces(database, "other").joined("100") == frozenset()


class TestInSqlite(OnSqlite, _InSql):
    async def test_no_text_is_on_the_disk(self, envelopes: SqlEnvelopes, file: Path) -> None:
        await envelopes.keep("k1", message(), 2_000.0)
        assert not [path for path in file.parent.iterdir() if SECRET.encode() in path.read_bytes()]


class TestInPostgres(OnPostgres, _InSql):
    """On PostgreSQL."""
