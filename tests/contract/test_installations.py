"""The contracts of installations and threads, over every implementation; and how SQL keeps the tokens."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.slack.workspaces import MemoryInstallations, MemoryThreads
from adapters.stores.sealing import new_key
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.installations import SqlInstallations
from adapters.stores.sql.threads import SqlThreads
from bot.chat.installations import Installations
from bot.chat.threads import Threads
from bot.errors import SettingsError, Unreadable
from tests.contract.installed import ANN, InstallationsContract, ThreadsContract, installation
from tests.support.databases import InSql, OnPostgres, OnSqlite


class TestInMemory(InstallationsContract, ThreadsContract):
    @pytest.fixture
    def installations(self) -> Installations:
        return MemoryInstallations()

    @pytest.fixture
    def threads(self) -> Threads:
        return MemoryThreads()


class _InSql(InSql, InstallationsContract, ThreadsContract):
    @pytest.fixture
    def installations(self, database: SqlDatabase) -> SqlInstallations:
        return SqlInstallations(database, [b"k" * 32])

    @pytest.fixture
    def threads(self, database: SqlDatabase) -> SqlThreads:
        return SqlThreads(database, keep=100.0)

    async def test_tokens_are_sealed_and_survive_a_rotation(self, database: SqlDatabase) -> None:
        old, new = new_key(), new_key()
        await SqlInstallations(database, [old]).save(installation())
        assert await SqlInstallations(database, [new, old]).find("T1", "") == installation()
        with pytest.raises(Unreadable, match="RAISE_KEY"):
            await SqlInstallations(database, [new]).find("T1", "")
        with pytest.raises(SettingsError):
            SqlInstallations(database, [])

    async def test_old_threads_are_forgotten(self, threads: SqlThreads) -> None:
        for number in range(4):
            await threads.join(ANN, f"C1/{number}.0", float(number))
        assert await threads.purge(now=102.5, limit=2) == 2
        assert await threads.purge(now=102.5, limit=2) == 1
        assert await threads.joined(ANN, "C1/3.0")
        assert not await threads.joined(ANN, "C1/2.0")


class TestInSqlite(OnSqlite, _InSql):
    async def test_no_token_is_on_the_disk(self, installations: SqlInstallations, file: Path) -> None:
        await installations.save(installation(token="xoxb-very-secret"))
        assert not [path for path in file.parent.iterdir() if b"very-secret" in path.read_bytes()]


class TestInPostgres(OnPostgres, _InSql):
    """On PostgreSQL."""
