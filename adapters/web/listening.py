"""Listening on a port, for the chat page and the desk alike."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

from aiohttp import web

from bot.errors import PlatformError

STATIC: Final = Path(__file__).parent / "static"


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
    return f"http://{'[::1]' if host == '::1' else host}:{port}/"
