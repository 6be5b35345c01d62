"""The contract of vaults, over every implementation."""

from __future__ import annotations

import asyncio

import pytest

from adapters.stores.memory_ledger import MemoryVault
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.vault import SqlVault
from bot.clock import ManualClock
from bot.profile.vault import Vault
from tests.contract.vault import VaultContract
from tests.support.databases import InSql, OnPostgres, OnSqlite
from tests.support.people import ANN


class TestMemoryVault(VaultContract):
    @pytest.fixture
    def vault(self) -> Vault:
        return MemoryVault()


class _InSql(InSql, VaultContract):
    @pytest.fixture
    def vault(self, database: SqlDatabase) -> Vault:
        return SqlVault(database, [bytes(range(32))], ManualClock())

    async def test_a_key_asked_for_while_it_is_destroyed_is_not_used_afterwards(
        self, database: SqlDatabase, vault: SqlVault
    ) -> None:
        for _ in range(20):
            await vault.seal(ANN, b"before", "c")
            shredding = asyncio.create_task(vault.shred(ANN))
            while not shredding.done():
                await vault.seal(ANN, b"meanwhile", "c")
                await asyncio.sleep(0)
            sealed = await vault.seal(ANN, b"afterwards", "c")
            restarted = SqlVault(database, [bytes(range(32))], ManualClock())
            assert await restarted.open(ANN, sealed, "c") == b"afterwards"


class TestSqlVaultOnSqlite(OnSqlite, _InSql):
    """On SQLite."""


class TestSqlVaultOnPostgres(OnPostgres, _InSql):
    """On PostgreSQL."""
