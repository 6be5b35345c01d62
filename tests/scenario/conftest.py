"""Fixtures that several scenarios share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.models.server import ModelServer
from tests.support.penguin_runs import PenguinRuns, prepare, simulated


@pytest.fixture(scope="session")
def penguin_prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("penguin"))


@pytest.fixture
async def penguin(
    penguin_prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[PenguinRuns]:
    for name in ("RAISE_STATE", "RAISE_PROVIDER", "RAISE_POLICIES"):
        monkeypatch.delenv(name, raising=False)
    async with ModelServer(simulated()) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield PenguinRuns(server, penguin_prepared, tmp_path / "penguin")
