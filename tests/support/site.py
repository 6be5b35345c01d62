"""The chat page served on a free port of this machine, with a scripted core behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from adapters.web import Address, WebApp, WebPlatform
from adapters.web.feed import Bounds
from adapters.web.limits import Rate
from bot.clock import Clock, SystemClock
from tests.support.scripted_intake import ScriptedIntake, at_once


@dataclass(slots=True)
class Site:
    url: str
    platform: WebPlatform
    intake: ScriptedIntake
    app: WebApp

    def of(self, user: str, place: str = "dm") -> str:
        """The address of one person's page."""
        return f"{self.url}#{user}/{place.replace('#', '%23')}"


@asynccontextmanager
async def scripted_site(
    *,
    clock: Clock | None = None,
    pace: Callable[[], Awaitable[object]] = at_once,
    rate: Rate | None = None,
    bounds: Bounds | None = None,
    port: int = 0,
) -> AsyncIterator[Site]:
    clock = clock or SystemClock()
    platform = WebPlatform(clock, bounds=bounds or Bounds())
    intake = ScriptedIntake(platform, pace)
    app = WebApp(platform, intake, clock, Address(port=port), rate=rate or Rate())
    url = await app.start()
    try:
        yield Site(url, platform, intake, app)
    finally:
        await intake.close()
        await app.stop()
