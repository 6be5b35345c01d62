"""``raise-bot run`` as a process of its own, talking to the test server.

The command is the real one: it reaches the test server by its own proxy setting, trusts its certificate by
``SSL_CERT_FILE``, and keeps everything (the durable engine too) in SQLite.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.discord.model import TOKEN
from tests.support.discord.server import Server
from tests.support.discord.tls import certificate

PATIENCE = 60.0


class Command:
    """One deployment in the folder ``state``; ``through`` is the proxy's URL."""

    def __init__(self, server: Server, through: str, state: Path) -> None:
        self._server = server
        state.mkdir(parents=True, exist_ok=True)
        trusted = state / "trusted.pem"
        trusted.write_bytes(certificate())
        self.kept = state / "kept"
        self._environment = {
            **os.environ,
            "DISCORD_TOKEN": TOKEN,
            "RAISE_DISCORD_PROXY": through,
            "SSL_CERT_FILE": str(trusted),
            "RAISE_STATE": str(self.kept),
            "RAISE_HTTP_PORT": "0",
            "RAISE_LOG_LEVEL": "error",
        }

    @asynccontextmanager
    async def life(self) -> AsyncIterator[None]:
        """One process, from its connection to SIGKILL."""
        command = [sys.executable, "-m", "bot.cli.main", "run"]
        out = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(*command, env=self._environment, stdout=out)
        try:
            await self._server.world.until(self._connected, PATIENCE)
            yield
        finally:
            process.kill()
            await process.wait()
            await self._server.world.until(lambda: not self._connected(), PATIENCE)

    async def sends(self, user: int, guild: int, channel: int, text: str) -> str:
        """What became of something private that a worker without a connection to the gateway sent: the outcome's name.
        It is another process, with the same settings and the same stores."""
        command = [sys.executable, "-m", "tests.support.discord.sender", *map(str, (user, guild, channel)), text]
        out = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, env=self._environment, stdout=out)
        try:
            async with asyncio.timeout(PATIENCE):
                said, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return said.decode().strip()

    def _connected(self) -> bool:
        return any(each.ready and each.socket is not None for each in self._server.gateway.living())
