"""``kill -9`` for real, in the middle of everything: nothing is lost and nothing is said twice.

``RAISE_KILLS=40`` runs more of them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.discord.killing import Killing

RUNS = int(os.environ.get("RAISE_KILLS", "2"))


@pytest.mark.parametrize("seed", range(RUNS))
async def test_killed_at_any_moment_nothing_is_lost_and_nothing_said_twice(tmp_path: Path, seed: int) -> None:
    killing = Killing(tmp_path, seed)
    await killing.run()
    assert killing.problems() == []
