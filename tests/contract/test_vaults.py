"""The contract of vaults, over every implementation."""

from __future__ import annotations

import pytest

from adapters.stores.memory_ledger import MemoryVault
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.vault import SqlVault
from bot.clock import ManualClock
from bot.profile.vault import Vault
from tests.contract.vault import VaultContract
from tests.support.databases import InSql, OnPostgres, OnSqlite


class TestMemoryVault(VaultContract):
    @pytest.fixture
    def vault(self) -> Vault:
        return MemoryVault()


class _InSql(InSql, VaultContract):
    @pytest.fixture
    def vault(self, database: SqlDatabase) -> Vault:
        return SqlVault(database, [bytes(range(32))], ManualClock())


class TestSqlVaultOnSqlite(OnSqlite, _InSql):
    """On SQLite."""


class TestSqlVaultOnPostgres(OnPostgres, _InSql):
    """On PostgreSQL."""
