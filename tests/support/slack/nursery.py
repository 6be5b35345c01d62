"""Many lives of ``raise-bot run``, each a process of its own, without importing everything for each.

:class:`Nursery` starts one process that imports what a bot imports and compiles the rules of the shipped policy, and
nothing else: no thread, no connection. It is forked for each life, which then does all that ``raise-bot run`` does with
the settings it is given. Starting from nothing takes three times as long; killed a thousand times, that is most of the
time.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import select
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.assembly.rulebook import Rulebook
from bot.conversation.rules import Rules
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
IMPORTED = (
    "bot.cli.run",
    "bot.assembly.serving",
    "bot.assembly.slack",
    "bot.telemetry.logs",
    "adapters.slack.app",
    "adapters.engine.dbos",
    "adapters.stores.redis",
    "adapters.stores.sql.migrate",
)

LASTING: list[Rules] = []
"""Rules that stay: each life takes over what it has in common with them."""


class Forked:
    """One life, told and watched as an :class:`asyncio.subprocess.Process` is."""

    def __init__(self, pid: int, stdout: asyncio.StreamReader, ended: asyncio.Future[int]) -> None:
        self.pid, self.stdout, self._ended = pid, stdout, ended

    @property
    def returncode(self) -> int | None:
        return self._ended.result() if self._ended.done() else None

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    async def wait(self) -> int:
        return await asyncio.shield(self._ended)


class Nursery:
    """Use as ``async with Nursery() as nursery``; its lives end with it."""

    async def __aenter__(self) -> Nursery:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.slack.nursery", cwd=ROOT, stdin=pipe, stdout=pipe
        )
        self._born: asyncio.Queue[int] = asyncio.Queue()
        self._ends: dict[int, asyncio.Future[int]] = {}
        self._listening = asyncio.create_task(self._listen())
        self._one_at_a_time = asyncio.Lock()
        return self

    async def __aexit__(self, *_: object) -> None:
        for pid, end in self._ends.items():
            if not end.done():
                os.kill(pid, signal.SIGKILL)
        self._process.kill()
        await self._process.wait()
        await self._listening

    async def start(self, environment: Mapping[str, str]) -> Forked:
        """A new life with these environment variables and no others."""
        assert self._process.stdin is not None
        reading, writing = os.pipe()
        async with self._one_at_a_time:
            order = {"environment": dict(environment), "output": f"/proc/{os.getpid()}/fd/{writing}"}
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            pid = await self._born.get()
        os.close(writing)
        output = asyncio.StreamReader()
        pipe = os.fdopen(reading, "rb")
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(output), pipe)
        return Forked(pid, output, self._ends[pid])

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            pid, _, code = line.decode().partition(" ")
            if code.strip():
                self._ends[int(pid)].set_result(int(code))
            else:
                self._ends[int(pid)] = asyncio.get_running_loop().create_future()
                self._born.put_nowait(int(pid))


def _live(environment: dict[str, str], output: int) -> int:
    """In the fork: what ``python -m bot.cli.main run`` does, from its first line on."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    for stream in (1, 2):
        os.dup2(output, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    return int(importlib.import_module("bot.cli.main").main(["run"]))


def _told_of_ends() -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        print(pid, os.waitstatus_to_exitcode(status), flush=True)


def main() -> None:
    for name in IMPORTED:
        importlib.import_module(name)
    LASTING.append(Rulebook.of(Settings(), model_reads=False).current())
    gc.freeze()
    woken, wake = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    waiting = b""
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            _told_of_ends()
        if 0 not in ready:
            continue
        came = os.read(0, 65536)
        if not came:
            return
        *orders, waiting = (waiting + came).split(b"\n")
        for order in map(json.loads, orders):
            output = os.open(order["output"], os.O_WRONLY)
            pid = os.fork()
            if not pid:
                code = 1
                try:
                    code = _live(order["environment"], output)
                finally:
                    sys.stdout.flush()
                    os._exit(code)
            os.close(output)
            print(pid, flush=True)


if __name__ == "__main__":
    main()
