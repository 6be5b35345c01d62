"""The playground, wired: the chat page on this machine."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.assembly.application import Application, application
from bot.assembly.desk import served
from bot.assembly.operating import console
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
    async with (
        application(
            settings, [platform], clock=clock, telemetry=telemetry, provider=provider, also_erased=[pages]
        ) as app,
        _desk(settings, app) as desk,
    ):
        web = WebApp(platform, app.intake, clock, Address(settings.host, settings.http_port), desk=desk)
        url = await web.start()
        try:
            yield url
        finally:
            await web.stop()


@asynccontextmanager
async def _desk(settings: Settings, app: Application) -> AsyncIterator[str]:
    """The moderators' desk one port further, for this machine; gives its address, empty where nothing is kept (then
    there are no accounts either)."""
    accounts = app.stores.accounts
    if accounts is None:
        yield ""
        return
    port = settings.http_port + 1 if settings.http_port else 0
    operators = console(app.live, app.stores, app.reviewing.desk.clock)
    async with served(app.reviewing.desk, accounts, "127.0.0.1", port, settings, operators=operators) as url:
        yield url


async def serve(settings: Settings, telemetry: Telemetry, on_start: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; running turns end first."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    async with playground(settings, telemetry) as url:
        on_start(url)
        await stop.wait()
