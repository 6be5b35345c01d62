"""The contracts of consent and audit, over every implementation."""

from __future__ import annotations

import pytest

from adapters.stores.memory_standing import MemoryAudit, MemoryConsents
from adapters.stores.sql.audit import SqlAudit
from adapters.stores.sql.consents import SqlConsents
from adapters.stores.sql.database import SqlDatabase
from bot.conversation.audit import Decided, Entry
from bot.profile.consent import ConsentStore
from bot.severity import Category, Severity
from tests.contract.standing import AuditContract, ConsentStoreContract, ErasableAudit
from tests.support.databases import InSql, OnPostgres, OnSqlite
from tests.support.people import ANN_DIRECT, DAY, NOW


class TestInMemory(ConsentStoreContract, AuditContract):
    @pytest.fixture
    def consents(self) -> ConsentStore:
        return MemoryConsents()

    @pytest.fixture
    def audit(self) -> ErasableAudit:
        return MemoryAudit()


class _InSql(InSql, ConsentStoreContract, AuditContract):
    @pytest.fixture
    def consents(self, database: SqlDatabase) -> ConsentStore:
        return SqlConsents(database)

    @pytest.fixture
    def audit(self, database: SqlDatabase) -> SqlAudit:
        return SqlAudit(database, keep=DAY)

    async def test_decisions_come_back_and_are_kept_for_a_while(self, audit: SqlAudit) -> None:
        decided = Decided(
            "crisis",
            "p1",
            "health",
            0.5,
            "age",
            "because",
            2,
            ("age", "gender"),
            Severity.HIGH,
            Category.SELF_HARM,
            "r",
        )
        for number in range(3):
            await audit.record(f"t{number}", ANN_DIRECT, NOW + number, decided)
        assert await audit.latest(1) == (Entry("t2", ANN_DIRECT, NOW + 2, decided),)
        assert await audit.purge(NOW + DAY - 1, 10) == 0
        assert await audit.purge(NOW + DAY + 1, 1) == 1
        assert await audit.purge(NOW + DAY + 1, 10) == 1
        assert [entry.turn_id for entry in await audit.latest(10)] == ["t2"]


class TestOnSqlite(OnSqlite, _InSql):
    """On SQLite."""


class TestOnPostgres(OnPostgres, _InSql):
    """On PostgreSQL."""
