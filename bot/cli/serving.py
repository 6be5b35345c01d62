"""What the commands that serve until they are stopped have in common."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

from bot.errors import PlatformError
from bot.settings import Settings
from bot.telemetry.events import Telemetry
from bot.telemetry.logs import telemetry
from bot.telemetry.warned import told_as_events

Serve = Callable[[Settings, Telemetry, Callable[[str], None]], Awaitable[None]]


def served(serve: Serve, settings: Settings, line: str) -> int:
    """Serve until told to stop; the exit code. ``line`` is printed once it serves, with the address for ``{url}``."""
    told = telemetry(settings.log_level)

    async def until_stopped() -> None:
        await serve(settings, told, lambda url: print(line.format(url=url), flush=True))

    try:
        with told_as_events(told):
            asyncio.run(until_stopped())
    except PlatformError as problem:
        print(f"raise-bot: {problem}", file=sys.stderr)
        return 1
    return 0
