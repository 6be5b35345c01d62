"""The contract of vaults, over every implementation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.stores.memory_ledger import MemoryVault
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.vault import SqlVault
from bot.clock import ManualClock
from bot.profile.vault import Vault
from tests.contract.vault import VaultContract


class TestMemoryVault(VaultContract):
    @pytest.fixture
    def vault(self) -> Vault:
        return MemoryVault()


class _InSql(VaultContract):
    @pytest.fixture
    async def vault(self, url: str) -> AsyncIterator[Vault]:
        database = SqlDatabase(url)
        await database.open()
        yield SqlVault(database, [bytes(range(32))], ManualClock())
        await database.close()


class TestSqlVaultOnSqlite(_InSql):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/raise.sqlite"


@pytest.mark.postgres
class TestSqlVaultOnPostgres(_InSql):
    @pytest.fixture
    def url(self, postgres_database: str) -> str:
        return postgres_database
