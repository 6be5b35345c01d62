"""The contracts of the operators' own data, over both databases."""

from __future__ import annotations

import pytest

from adapters.stores.sql.audit import SqlAudit
from adapters.stores.sql.costs import SqlCosts
from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.snapshots import SqlSnapshots
from bot.policy.snapshots import Snapshots
from bot.review.operating import DAY, Costs
from tests.contract.operating_data import CostsContract, Recording, SnapshotsContract, TalliesContract
from tests.support.databases import InSql, OnPostgres, OnSqlite


class _InSql(InSql, SnapshotsContract, TalliesContract, CostsContract):
    @pytest.fixture
    def snapshots(self, database: SqlDatabase) -> Snapshots:
        return SqlSnapshots(database)

    @pytest.fixture
    def tallies(self, database: SqlDatabase) -> Recording:
        return SqlAudit(database, keep=DAY)

    @pytest.fixture
    def costs(self, database: SqlDatabase) -> Costs:
        return SqlCosts(database)


class TestInSqlite(OnSqlite, _InSql):
    """On SQLite."""


class TestInPostgres(OnPostgres, _InSql):
    """On PostgreSQL."""
