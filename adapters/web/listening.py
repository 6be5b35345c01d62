"""Listening on a port: for the chat page and the desk, and for the webhooks of platforms with the state of health."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from aiohttp import web

from adapters.web.guard import is_loopback
from bot.errors import PlatformError

STATIC: Final = Path(__file__).parent / "static"
Ready = Callable[[], Awaitable[tuple[str, ...]]]
"""What is not in order; nothing when all is well."""


async def listen(app: web.Application, host: str, port: int) -> tuple[web.AppRunner, str]:
    """The running application and the address to open. Raises PlatformError when the port cannot be had."""
    # No access log: addresses of the chat's API name people.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        where = f"port {port} on {host}"
        if error.errno == errno.EADDRINUSE:
            raise PlatformError(f"{where} is in use: stop what uses it, or choose another port") from None
        raise PlatformError(f"cannot listen on {where}: {error.strerror}") from None
    return runner, url_of(host, runner.addresses[0][1])


def url_of(host: str, port: int) -> str:
    """The address to open; an IPv6 one in brackets."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def health(ready: Ready) -> tuple[web.RouteDef, ...]:
    """``/healthz``: the process runs. ``/readyz``: it can serve, or what it still waits for."""

    async def healthz(request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(request: web.Request) -> web.Response:
        problems = await ready()
        body = {"status": "not ready" if problems else "ready", "problems": list(problems)}
        return web.json_response(body, status=503 if problems else 200)

    return web.get("/healthz", healthz), web.get("/readyz", readyz)


def figures(read: Callable[[], bytes], content_type: str, *, to_all: bool) -> web.RouteDef:
    """``/metrics``. Unless ``to_all``, only for this machine itself: not for others, and not through a proxy."""

    async def metrics(request: web.Request) -> web.Response:
        relayed = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "Via"))
        if not to_all and (relayed or not is_loopback(request.remote or "")):
            raise web.HTTPNotFound
        return web.Response(body=read(), headers={"Content-Type": content_type, "Cache-Control": "no-store"})

    return web.get("/metrics", metrics)


@asynccontextmanager
async def webhooks(host: str, port: int, routes: Iterable[web.RouteDef], ready: Ready) -> AsyncIterator[str]:
    """Serve what platforms call, and health; gives the address. Raises PlatformError when the port cannot be had."""
    app = web.Application()
    app.router.add_routes((*health(ready), *routes))
    runner, url = await listen(app, host, port)
    try:
        yield url
    finally:
        await runner.cleanup()
