"""Two ``raise-bot run`` on real PostgreSQL and Redis, killed at random under load: what one began another one ends.

``RAISE_REPLICA_KILLS=100`` kills more often, ``RAISE_SEED=7`` at other points.
"""

from __future__ import annotations

import os

import pytest

from tests.support.slack.model import Workspace
from tests.support.slack.replicas import TAKEOVER_SECONDS, Replicas
from tests.support.slack.server import Server

KILLS = int(os.environ.get("RAISE_REPLICA_KILLS", "2"))
SEED = int(os.environ.get("RAISE_SEED", "1"))


@pytest.mark.postgres
@pytest.mark.timeout(180 + 30 * KILLS)
async def test_killed_replicas_lose_nothing_and_nothing_is_said_twice(postgres_database: str, redis_url: str) -> None:
    async with Server(Workspace()).running() as server:
        replicas = Replicas(server, postgres_database, redis_url, SEED)
        code = await replicas.run(KILLS)
    assert replicas.problems() == []
    assert replicas.kills == KILLS
    assert replicas.slowest < TAKEOVER_SECONDS
    assert code == 0
