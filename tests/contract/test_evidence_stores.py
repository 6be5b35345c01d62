"""The contract of the evidence store, over every implementation."""

from __future__ import annotations

import pytest

from adapters.stores.memory_evidence import MemoryEvidence
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.evidence import SqlEvidence
from bot.raise_core.paths.index import EvidenceStore
from tests.contract.evidence_store import EvidenceStoreContract
from tests.support.databases import InSql, OnPostgres, OnSqlite


class TestInMemory(EvidenceStoreContract):
    @pytest.fixture
    def store(self) -> EvidenceStore:
        return MemoryEvidence()


class _InSql(InSql, EvidenceStoreContract):
    @pytest.fixture
    def store(self, database: SqlDatabase) -> EvidenceStore:
        return SqlEvidence(database)


class TestInSqlite(OnSqlite, _InSql):
    """On SQLite."""


class TestInPostgres(OnPostgres, _InSql):
    """On PostgreSQL."""
