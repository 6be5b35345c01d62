"""The playground, wired: the chat page on this machine."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.assembly.application import application
from bot.clock import SystemClock
from bot.llm import Provider
from bot.profile.erasure import Holding
from bot.settings import Settings
from bot.telemetry.events import Telemetry


@asynccontextmanager
async def playground(
    settings: Settings, telemetry: Telemetry, *, provider: Provider | None = None
) -> AsyncIterator[str]:
    """The running page; gives the address to open. Raises PlatformError when the port is taken."""
    from adapters.web.platform import WebPlatform
    from adapters.web.server import Address, WebApp

    clock = SystemClock()
    platform = WebPlatform(clock)
    pages = Holding("pages", platform)
    async with application(
        settings, [platform], clock=clock, telemetry=telemetry, provider=provider, also_erased=[pages]
    ) as app:
        web = WebApp(platform, app.intake, clock, Address(settings.host, settings.http_port))
        url = await web.start()
        try:
            yield url
        finally:
            await web.stop()


async def serve(settings: Settings, telemetry: Telemetry, on_start: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; running turns end first."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    async with playground(settings, telemetry) as url:
        on_start(url)
        await stop.wait()
