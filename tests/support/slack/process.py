"""``raise-bot run`` as an operator starts it: a process of its own against the test workspace, events by HTTP."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from tests.support.slack.model import SECRET, TOKEN
from tests.support.slack.server import Server

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 60.0
RUN = ("-m", "bot.cli.main", "run")


class Process(Protocol):
    """What is needed of an :class:`asyncio.subprocess.Process`."""

    @property
    def pid(self) -> int: ...

    @property
    def stdout(self) -> asyncio.StreamReader | None: ...

    @property
    def returncode(self) -> int | None: ...

    def send_signal(self, number: int, /) -> None: ...

    async def wait(self) -> int: ...


Start = Callable[[Mapping[str, str]], Awaitable[Process]]
"""Starts a process with these environment variables and no others."""


async def _from_nothing(environment: Mapping[str, str], command: Sequence[str]) -> Process:
    output, errors = asyncio.subprocess.PIPE, asyncio.subprocess.STDOUT
    return await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, env=environment, stdout=output, stderr=errors
    )


class BotProcess:
    """One life. ``url`` is there once the bot says that it runs; ``pid`` is its process."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.pid = process.pid
        self._reading = asyncio.create_task(self._read())
        self.url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.said: list[str] = []

    @classmethod
    async def start(
        cls,
        server: Server,
        name: str,
        state: Path,
        command: Sequence[str] = RUN,
        *,
        start: Start | None = None,
        **settings: str,
    ) -> BotProcess:
        """One workspace's bot, unless ``settings`` (environment variables) say otherwise; empty ones are left out.
        ``command``: what Python is told to run, which says like the bot that it does, unless ``start`` does it."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("RAISE_", "SLACK_"))}
        ours = {
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "RAISE_SLACK_API_URL": server.base(name),
            "RAISE_STATE": str(state),
            "RAISE_HTTP_PORT": "0",
            "RAISE_LOG_LEVEL": "warning",
            **settings,
        }
        environment = own | {name: value for name, value in ours.items() if value}
        return cls(await (start(environment) if start is not None else _from_nothing(environment, command)))

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.said.append(line.decode().rstrip())
            if "raise-bot is running" in self.said[-1] and not self.url.done():
                self.url.set_result(self.said[-1].split("health at ")[1].split("healthz")[0].rstrip("/"))
        if not self.url.done():
            self.url.set_exception(ConnectionError(f"the bot ended: {self.said[-5:]}"))
            self.url.exception()  # looked at here, so that nobody has to

    async def kill(self) -> None:
        """``kill -9``."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
        await self._process.wait()
        await self._reading

    async def stop(self) -> int:
        """SIGTERM, as an operator stops it; the exit code."""
        self._process.send_signal(signal.SIGTERM)
        code = await self._process.wait()
        await self._reading
        return code


@asynccontextmanager
async def a_bot(server: Server, state: Path, **settings: str) -> AsyncIterator[BotProcess]:
    """A running bot, killed at the end if it still runs."""
    bot = await BotProcess.start(server, "p0", state, **settings)
    try:
        async with asyncio.timeout(START_SECONDS):
            await asyncio.shield(bot.url)
        yield bot
    finally:
        await bot.kill()
