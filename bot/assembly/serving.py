"""``raise-bot run``: every face the settings ask for, one HTTP server for health and webhooks, and a graceful stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack

from bot.assembly import discord, slack, stores
from bot.assembly.application import application
from bot.assembly.faces import Door, Face
from bot.clock import Clock, SystemClock
from bot.errors import SettingsError
from bot.settings import Settings
from bot.telemetry.events import Event, Telemetry

PAUSE_SECONDS = 5.0
"""How long events that are being acknowledged may take when the application stops."""
NOTHING_CONFIGURED = (
    "nothing to run: no platform is configured. Set SLACK_BOT_TOKEN with SLACK_APP_TOKEN (Socket Mode) or "
    "SLACK_SIGNING_SECRET (HTTP), or DISCORD_TOKEN; deploy/README.md says where to find them. To try the bot without a "
    "platform: raise-bot playground"
)


def configured(settings: Settings, kept: stores.Stores, clock: Clock, telemetry: Telemetry) -> tuple[Face, ...]:
    """The faces the settings ask for. Raises SettingsError when there is none, or one lacks something."""
    faces = []
    if slack.configured(settings):
        faces.append(slack.slack_face(settings, kept, clock, telemetry))
    if settings.discord_token:
        faces.append(discord.discord_face(settings, kept, clock, telemetry))
    if not faces:
        raise SettingsError((NOTHING_CONFIGURED,))
    return tuple(faces)


async def serve(settings: Settings, telemetry: Telemetry, on_start: Callable[[str], None]) -> None:
    """Run until SIGINT or SIGTERM: first no more events, then running turns end, then connections close."""
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        kept = await stack.enter_async_context(stores.opened(settings, clock))
        faces = configured(settings, kept, clock, telemetry)
        platforms = [face.platform for face in faces]
        app = await stack.enter_async_context(
            application(
                settings,
                platforms,
                clock=clock,
                telemetry=telemetry,
                kept=kept,
                also_erased=[holding for face in faces for holding in face.holdings],
            )
        )
        url = await stack.enter_async_context(_http(settings, faces))
        door = Door(app.intake, app.forget)
        for face in faces:
            await stack.enter_async_context(face.run(door))
        on_start(url)
        await stop.wait()
        telemetry.emit(Event.STOPPING)
        await asyncio.gather(*(face.pause(PAUSE_SECONDS) for face in faces))


def _http(settings: Settings, faces: Sequence[Face]) -> AbstractAsyncContextManager[str]:
    from adapters.web.listening import webhooks

    async def ready() -> tuple[str, ...]:
        found = [await face.health() for face in faces]
        return tuple(f"{each.name}: {each.detail}" for each in found if not each.ready)

    routes = [route for face in faces for route in face.routes]
    return webhooks(settings.host, settings.http_port, routes, ready)
