"""The test server: Discord's REST interface and gateway over TLS, on ports of this machine. One port per process of the
bot, so that a process can be cut off from the world."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import abc, web

from tests.support.discord.gateway import Gateway
from tests.support.discord.model import World
from tests.support.discord.rest import Rest
from tests.support.discord.tls import contexts


class Server:
    def __init__(self, world: World, *, shards: int = 1, heartbeat: float = 41.25, replay: int = 0) -> None:
        self.world = world
        self.gateway = Gateway(world, heartbeat, replay)
        self.rest = Rest(world, self.gateway, shards)
        self._runner: web.AppRunner | None = None
        self._ports: dict[str, int] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Server]:
        app = web.Application()
        app.add_routes(self.rest.routes())
        app.router.add_get("/", self.gateway.handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await self.open("p0")
        try:
            yield self
        finally:
            await self._runner.cleanup()

    async def open(self, process: str) -> None:
        """A port for one more process."""
        assert self._runner is not None
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = int(probe.getsockname()[1])
        await web.TCPSite(self._runner, "127.0.0.1", port, ssl_context=contexts()[0]).start()
        self._ports[process] = port

    def port(self, process: str = "p0") -> int:
        return self._ports[process]

    def connector(self, process: str = "p0") -> aiohttp.TCPConnector:
        """By which a client of discord.py finds this server instead of Discord."""
        resolver = _Resolver(self._ports[process])
        return aiohttp.TCPConnector(limit=0, resolver=resolver, ssl=contexts()[1])

    def kill(self, process: str) -> None:
        """From now on nothing this process does has an effect."""
        self.rest.dead.add(self._ports[process])
        self.gateway.dead.add(self._ports[process])


class _Resolver(abc.AbstractResolver):
    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[abc.ResolveResult]:
        found: abc.ResolveResult = {
            "hostname": host,
            "host": "127.0.0.1",
            "port": self._port,
            "family": socket.AF_INET,
            "proto": 0,
            "flags": 0,
        }
        return [found]

    async def close(self) -> None:
        return None
