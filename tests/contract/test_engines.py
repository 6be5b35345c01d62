"""The contract of engines, over every implementation."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.engine.dbos import DbosEngine
from adapters.engine.inline import InlineEngine
from bot.clock import ManualClock
from bot.conversation.engine import Engine
from tests.contract.engine import EngineContract

PAUSES = (0.0, 0.01)


class TestInlineEngine(EngineContract):
    @pytest.fixture
    def engine(self) -> Engine:
        return InlineEngine(pauses=PAUSES)


class TestDbosEngineOnSqlite(EngineContract):
    @pytest.fixture
    def engine(self, tmp_path: Path) -> Engine:
        return DbosEngine(f"sqlite:///{tmp_path}/engine.sqlite", ManualClock(), pauses=PAUSES)


@pytest.mark.postgres
class TestDbosEngineOnPostgres(EngineContract):
    @pytest.fixture
    def engine(self, postgres_database: str) -> Engine:
        return DbosEngine(postgres_database, ManualClock(), pauses=PAUSES)
