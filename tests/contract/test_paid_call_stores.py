"""The contract of the store of paid calls, over every implementation."""

from __future__ import annotations

import pytest

from adapters.stores.memory_paid import MemoryPaidCalls
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.paid import SqlPaidCalls
from bot.llm.paid import PaidCalls
from tests.contract.paid_calls import PaidCallsContract
from tests.support.databases import InSql, OnPostgres, OnSqlite


class TestInMemory(PaidCallsContract):
    @pytest.fixture
    def calls(self) -> PaidCalls:
        return MemoryPaidCalls()


class _InSql(InSql, PaidCallsContract):
    @pytest.fixture
    def calls(self, database: SqlDatabase) -> PaidCalls:
        return SqlPaidCalls(database)


class TestInSqlite(OnSqlite, _InSql):
    """On SQLite."""


class TestInPostgres(OnPostgres, _InSql):
    """On PostgreSQL."""
