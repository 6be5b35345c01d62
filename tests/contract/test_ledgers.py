"""The contract of ledgers, over every implementation."""

from __future__ import annotations

import pytest

from adapters.stores.memory_ledger import MemoryLedger, MemoryVault
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.ledger import SqlLedger
from adapters.stores.sql.vault import SqlVault
from bot.clock import ManualClock
from bot.conversation.codec import FORMS
from bot.profile.vault import Vault
from tests.contract.ledger import Kept, LedgerContract
from tests.support.databases import InSql, OnPostgres, OnSqlite


class TestMemoryLedger(LedgerContract):
    @pytest.fixture
    def vault(self) -> MemoryVault:
        return MemoryVault()

    @pytest.fixture
    def ledger(self, vault: MemoryVault, clock: ManualClock) -> Kept:
        return MemoryLedger(vault, clock)


class _InSql(InSql, LedgerContract):
    @pytest.fixture
    def vault(self, database: SqlDatabase, clock: ManualClock) -> Vault:
        return SqlVault(database, [bytes(range(32))], clock)

    @pytest.fixture
    def ledger(self, database: SqlDatabase, vault: Vault, clock: ManualClock) -> Kept:
        return SqlLedger(database, vault, clock, FORMS)


class TestSqlLedgerOnSqlite(OnSqlite, _InSql):
    """On SQLite."""


class TestSqlLedgerOnPostgres(OnPostgres, _InSql):
    """On PostgreSQL."""
