"""The contracts of the operators' own data, over both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.stores.sql.audit import SqlAudit
from adapters.stores.sql.costs import SqlCosts
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.snapshots import SqlSnapshots
from bot.policy.snapshots import Snapshots
from bot.review.operating import DAY, Costs
from tests.contract.operating_data import CostsContract, Recording, SnapshotsContract, TalliesContract


class _InSql(SnapshotsContract, TalliesContract, CostsContract):
    @pytest.fixture
    async def database(self, url: str) -> AsyncIterator[SqlDatabase]:
        database = SqlDatabase(url)
        await database.open()
        yield database
        await database.close()

    @pytest.fixture
    def snapshots(self, database: SqlDatabase) -> Snapshots:
        return SqlSnapshots(database)

    @pytest.fixture
    def tallies(self, database: SqlDatabase) -> Recording:
        return SqlAudit(database, keep=DAY)

    @pytest.fixture
    def costs(self, database: SqlDatabase) -> Costs:
        return SqlCosts(database)


class TestInSqlite(_InSql):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/raise.sqlite"


@pytest.mark.postgres
class TestInPostgres(_InSql):
    @pytest.fixture
    def url(self, postgres_database: str) -> str:
        return postgres_database
