"""The deployment's own commands, run as processes: replicas with the settings of compose.yaml on real PostgreSQL and
Redis, the image's health check, and the runbook's backup and restore."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest
import yaml

from tests.support.metrics import total
from tests.support.slack.doors import HttpDoor
from tests.support.slack.doors import Post as Postman
from tests.support.slack.model import SECRET, TOKEN, Workspace
from tests.support.slack.people import Town, User
from tests.support.slack.process import a_bot
from tests.support.slack.server import Server

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
KEY = "a2FuYXJpZW52b2dlbGthbmFyaWVudm9nZWxrYW5hcmk="
ERRAND = "set a timer for ten minutes please"


def settings(postgres: str, redis: str) -> dict[str, str]:
    """The environment of compose.yaml's bots, with the addresses that tests have."""
    compose: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    given = {"POSTGRES_PASSWORD": "x", "RAISE_KEY": KEY, "SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET}
    filled = {
        name: re.sub(r"\$\{(\w+)(?::[-?]([^}]*))?\}", lambda m: given.get(m[1], m[2] if ":-" in m[0] else ""), value)
        for name, value in compose["services"]["bot"]["environment"].items()
    }
    return {
        **filled,
        "RAISE_DATABASE_URL": postgres.replace("postgresql:", "postgresql+psycopg:"),
        "RAISE_REDIS_URL": redis,
    }


def health_check(port: str) -> list[str]:
    """The command that the image's HEALTHCHECK runs, for another port."""
    found = re.search(r"HEALTHCHECK.*\\\n\s*CMD \[(.*)\]", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
    assert found is not None
    python, *rest = yaml.safe_load(f"[{found[1]}]")
    assert python == "python"
    return [sys.executable, *(part.replace(":8080/", f":{port}/") for part in rest)]


def commands(*, having: str) -> list[list[str]]:
    """The lines of the runbook's shell blocks that begin so."""
    blocks = re.findall(r"```sh\n(.*?)```", (DEPLOY / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines() if line.startswith(having)]


def run_for(database: str, folder: Path, *, having: str) -> None:
    found = commands(having=having)
    assert len(found) == 2, f"the runbook has {len(found)} lines with {having}"
    for command in found:
        filled = [part.replace("$DATABASE", database) for part in command]
        done = subprocess.run(filled, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def rows(database: str) -> dict[str, int]:
    with psycopg.connect(database) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchall()[0][0]  # type: ignore[arg-type]  # noqa: S608 - names of our own tables
            for (name,) in names
        }


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="no pg_dump on the PATH")
async def test_two_replicas_serve_one_workspace_and_a_backup_brings_it_back(
    postgres_database: str, postgres_url: str, redis_url: str, tmp_path: Path
) -> None:
    ours = settings(postgres_database, redis_url)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(Server(Workspace()).running())
        session = await stack.enter_async_context(aiohttp.ClientSession())
        bots = [await stack.enter_async_context(a_bot(server, tmp_path / f"r{n}", **ours)) for n in range(2)]
        urls = [await bot.url for bot in bots]
        for number, url in enumerate(urls):
            port = url.rpartition(":")[2].strip("/")
            check = await asyncio.to_thread(subprocess.run, health_check(port), capture_output=True, check=False)
            assert check.returncode == 0, check.stderr
            person = User(Town(server, Postman(HttpDoor(f"{url}/slack/events", session))), f"U{number + 1}")
            await person.says(ERRAND)
        await server.workspace.until(lambda: len([p for p in server.workspace.by_bot() if p.stream == "stopped"]) == 2)
        for url in urls:
            async with session.get(f"{url}/metrics", headers={"X-Forwarded-For": "10.0.0.9"}) as answer:
                assert total(await answer.read(), "raise_arrivals_total", platform="slack") == 1
        await asyncio.to_thread(run_for, postgres_database, tmp_path, having="pg_dump")
        assert [await bot.stop() for bot in bots] == [0, 0]
    before = rows(postgres_database)
    assert before["person_keys"] >= 2
    assert b"PGDMP" in (tmp_path / "contents.dump").read_bytes()[:5]

    restored = f"{postgres_database}_restored"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        name = restored.rpartition("/")[2]
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]  # a name of our own
        try:
            await asyncio.to_thread(run_for, restored, tmp_path, having="pg_restore")
            after = rows(restored)
            assert {table: after[table] for table in ("person_keys", "turns", "states")} == {
                table: before[table] for table in ("person_keys", "turns", "states")
            }
            await doctor_is_content(settings(restored, redis_url), tmp_path)
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[arg-type]  # as above


async def doctor_is_content(ours: dict[str, str], folder: Path) -> None:
    """The restored database opens with the keys that were backed up apart from it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("RAISE_", "SLACK_"))}
    wanted = {name: value for name, value in ours.items() if value and not name.startswith("SLACK_")}
    command = [sys.executable, "-m", "bot.cli.main", "doctor", "--json"]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, env={**clean, **wanted}, check=False
    )
    stores = [line for line in done.stdout.splitlines() if '"what": "stores"' in line]
    assert stores, done.stderr
    assert '"state": "ok"' in stores[0], done.stdout
