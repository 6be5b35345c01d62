"""``raise-bot penguin`` in a folder of its own, against a model server with the simulated model and judge."""

from __future__ import annotations

import asyncio
import json
import shutil
from asyncio import to_thread
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.cli.main import main
from bot.policy.folder import find_folder
from bot.policy.loader import load
from tests.support.models.server import ModelServer
from tests.support.models.wire import Call
from tests.support.penguin_models import Simulated

NAME = "scenarios"
COUNT = 14
CORE = ("--model", "openai:gpt-4o", "--check", "0")


@cache
def simulated() -> Simulated:
    return Simulated({each.label: name for name, each in load(find_folder(None)).defaults.attributes.items()})


def prepare(folder: Path) -> Path:
    """Scenarios and the bot's empty folder, to be copied: making them takes a second."""
    data, state = folder / f"{NAME}.jsonl", folder / "state"
    assert main(["penguin", "generate", "--out", str(data), "--count", str(COUNT)]) == 0
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OPENAI_API_KEY", "any")
        asked = ["--data", str(data), "--state", str(state), "--modes", "context-free", *CORE, "--dry-run"]
        assert main(["penguin", "run", *asked]) == 0
    return folder


class PenguinRuns:
    """Runs over ``data`` in ``state``, with the model and judge of ``server``."""

    def __init__(self, server: ModelServer, prepared: Path, folder: Path) -> None:
        shutil.copytree(prepared, folder, dirs_exist_ok=True)
        self.server, self.folder = server, folder
        self.data, self.state = folder / f"{NAME}.jsonl", folder / "state"

    def command(self, *options: str, data: Path | None = None, state: Path | None = None) -> list[str]:
        asked = ["--data", str(data or self.data), "--state", str(state or self.state)]
        return ["penguin", "run", *asked, *CORE, *options]

    async def run(self, *options: str, data: Path | None = None, state: Path | None = None) -> int:
        return await to_thread(main, self.command(*options, data=data, state=state))

    async def report(self, *options: str) -> int:
        return await to_thread(main, ["penguin", "report", str(self.kept), *options])

    @property
    def kept(self) -> Path:
        """The folder of the run."""
        return self.state / "penguin" / NAME

    def results(self) -> list[dict[str, Any]]:
        rows = [json.loads(line) for line in (self.kept / "results.jsonl").read_text(encoding="utf-8").splitlines()]
        return sorted(rows, key=lambda row: (row["scenario"], row["mode"]))

    def manifest(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.kept / "manifest.json").read_text(encoding="utf-8"))
        return told

    def change(self) -> None:
        """Another wording of the first query."""
        lines = self.data.read_text(encoding="utf-8").splitlines()
        lines[0] = lines[0].replace('"query": "', '"query": "Well: ')
        self.data.write_text("\n".join(lines), encoding="utf-8")

    @asynccontextmanager
    async def held_after(self, answered: int) -> AsyncIterator[None]:
        """Enter when so many more calls were answered; the server answers no others before this is left."""
        server, reached, left = self.server, asyncio.Event(), asyncio.Event()
        usual, count = server.reply, server.served.total() + answered

        async def reply(call: Call) -> Any:
            if server.served.total() >= count:
                reached.set()
                await left.wait()
            return usual(call)

        server.reply = reply
        await reached.wait()
        try:
            yield
        finally:
            server.reply = usual
            left.set()
