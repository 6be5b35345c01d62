"""``kill -9`` for real, at random points, while events come doubled and out of order: nothing is lost, nothing doubled.

``RAISE_KILLS=40`` kills more often, ``RAISE_SEED=7`` at other points.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.slack.killing import Killing
from tests.support.slack.model import Workspace
from tests.support.slack.server import Server

KILLS = int(os.environ.get("RAISE_KILLS", "2"))
SEED = int(os.environ.get("RAISE_SEED", "1"))


@pytest.mark.timeout(120 + 20 * KILLS)
@pytest.mark.parametrize("mode", ["http", "socket"])
async def test_a_killed_bot_loses_nothing_and_says_nothing_twice(tmp_path: Path, mode: str) -> None:
    async with Server(Workspace()).running() as server:
        killing = Killing(server, mode, tmp_path, SEED)
        code = await killing.run(KILLS)
    assert killing.problems() == []
    assert killing.kills == KILLS
    assert code == 0
