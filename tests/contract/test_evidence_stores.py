"""The contract of the evidence store, over every implementation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.stores.memory_evidence import MemoryEvidence
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.evidence import SqlEvidence
from bot.raise_core.paths.index import EvidenceStore
from tests.contract.evidence_store import EvidenceStoreContract


class TestInMemory(EvidenceStoreContract):
    @pytest.fixture
    def store(self) -> EvidenceStore:
        return MemoryEvidence()


class _InSql(EvidenceStoreContract):
    @pytest.fixture
    async def store(self, url: str) -> AsyncIterator[EvidenceStore]:
        database = SqlDatabase(url)
        await database.open()
        yield SqlEvidence(database)
        await database.close()


class TestInSqlite(_InSql):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/raise.db"


@pytest.mark.postgres
class TestInPostgres(_InSql):
    @pytest.fixture
    def url(self, postgres_database: str) -> str:
        return postgres_database
