"""What the doctor says about a deployment, with a real Redis."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import redis

from bot.assembly.examining_deployment import examine
from bot.settings import Settings

SHARED = "postgresql+psycopg://raise@127.0.0.1:1/raise"


async def found(settings: Settings) -> dict[str, tuple[str, str]]:
    return {each.what: (each.state, each.found + each.do) for each in await examine(settings)}


@pytest.mark.redis
async def test_a_redis_that_keeps_what_people_told_is_a_problem(redis_url: str) -> None:
    assert (await found(Settings(redis_url=redis_url)))["Redis"][0] == "ok"
    server = redis.Redis.from_url(redis_url)
    try:
        server.config_set("save", "3600 1")
        state, said = (await found(Settings(redis_url=redis_url)))["Redis"]
        assert state == "problem"
        assert "Switch off: save." in said
        server.config_set("save", "")
        server.config_set("appendonly", "yes")
        assert "appendonly" in (await found(Settings(redis_url=redis_url)))["Redis"][1]
    finally:
        server.config_set("save", "")
        server.config_set("appendonly", "no")
        server.close()


@pytest.mark.redis
async def test_a_redis_that_does_not_tell_is_left_to_the_operator(redis_url: str) -> None:
    server = redis.Redis.from_url(redis_url)
    server.acl_setuser(
        "managed", enabled=True, passwords=["+x"], categories=["+@all"], commands=["-config"], keys=["*"]
    )
    try:
        url = redis_url.replace("redis://", "redis://managed:x@")
        assert (await found(Settings(redis_url=url)))["Redis"][0] == "unknown"
    finally:
        server.acl_deluser("managed")
        server.close()


async def test_a_redis_that_is_down_is_a_problem_and_none_a_limit() -> None:
    assert (await found(Settings(redis_url="redis://127.0.0.1:1/0")))["Redis"][0] == "problem"
    assert "Redis" not in await found(Settings())
    assert (await found(Settings(database_url=SHARED)))["Redis"][0] == "unknown"


async def test_a_shared_database_wants_a_shared_key() -> None:
    assert (await found(Settings(database_url=SHARED)))["key"][0] == "problem"
    assert "key" not in await found(Settings(database_url=SHARED, key="k"))


@pytest.mark.parametrize(("mode", "state"), [(0o755, "problem"), (0o710, "problem"), (0o700, "ok")])
async def test_a_state_folder_is_for_its_user_alone(tmp_path: Path, mode: int, state: str) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    os.chmod(folder, mode)  # noqa: PTH101 - one call, before anything else runs in this loop
    assert (await found(Settings(state=folder)))["state folder"][0] == state
    assert "state folder" not in await found(Settings(state=tmp_path / "not there yet"))


@pytest.mark.parametrize(("host", "state"), [("0.0.0.0", "unknown"), ("127.0.0.1", "ok"), ("bots.example", "unknown")])  # noqa: S104 - looked at, not listened on
async def test_figures_open_to_others_are_pointed_out(host: str, state: str) -> None:
    assert (await found(Settings(metrics="all", host=host)))["figures"][0] == state
    assert (await found(Settings(host=host)))["figures"][0] == "ok"
