"""The contract of the store of paid calls, over every implementation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.stores.memory_paid import MemoryPaidCalls
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.paid import SqlPaidCalls
from bot.llm.paid import PaidCalls
from tests.contract.paid_calls import PaidCallsContract


class TestInMemory(PaidCallsContract):
    @pytest.fixture
    def calls(self) -> PaidCalls:
        return MemoryPaidCalls()


class _InSql(PaidCallsContract):
    @pytest.fixture
    async def calls(self, url: str) -> AsyncIterator[PaidCalls]:
        database = SqlDatabase(url)
        await database.open()
        yield SqlPaidCalls(database)
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
