"""``raise-bot run``: every face the settings ask for, one HTTP server for health and webhooks, and a graceful stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack

from bot.assembly import discord, models, slack, stores
from bot.assembly.application import application
from bot.assembly.faces import Door, Face
from bot.assembly.moderating import moderating
from bot.assembly.observing import Gauges, traced
from bot.assembly.rulebook import Rulebook
from bot.assembly.steady import keep_tidy, settle_memory
from bot.clock import Clock, SystemClock
from bot.conversation.forgettable import KnownNow
from bot.conversation.speaking import OFFLINE
from bot.errors import SettingsError
from bot.policy.schema import Policy
from bot.settings import Settings
from bot.telemetry.events import Event, Telemetry
from bot.telemetry.metrics import CONTENT_TYPE, Metrics
from bot.telemetry.warned import told_as_events

PAUSE_SECONDS = 5.0
"""How long events that are being acknowledged may take when the application stops."""
NOTHING_CONFIGURED = (
    "nothing to run: no platform is configured. Set SLACK_BOT_TOKEN (one workspace) or SLACK_CLIENT_ID with "
    "SLACK_CLIENT_SECRET (many), and beside it SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP); or set "
    "DISCORD_TOKEN. deploy/README.md says where to find them. To try the bot without a platform: raise-bot playground"
)


def configured(
    settings: Settings, kept: stores.Stores, clock: Clock, telemetry: Telemetry, policy: Callable[[], Policy]
) -> tuple[Face, ...]:
    """The faces the settings ask for. Raises SettingsError when one lacks something."""
    faces = []
    if slack.configured(settings):
        faces.append(slack.slack_face(settings, kept, clock, telemetry, policy))
    if settings.discord_token:
        faces.append(discord.discord_face(settings, kept, clock, telemetry, policy))
    return tuple(faces)


async def serve(settings: Settings, telemetry: Telemetry, on_start: Callable[[str], None]) -> None:
    """Run until SIGINT or SIGTERM: first no more events, then running turns end, then connections close."""
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    clock, metrics = SystemClock(), Metrics()
    async with AsyncExitStack() as stack:
        telemetry = await stack.enter_async_context(traced(settings, telemetry.also(metrics.take)))
        stack.enter_context(told_as_events(telemetry))
        if not (slack.configured(settings) or settings.discord_token):
            raise SettingsError((NOTHING_CONFIGURED,))
        model = models.provider(settings, clock, telemetry)
        book = Rulebook.reloading(settings, model_reads=model.name != OFFLINE)
        kept = await stack.enter_async_context(stores.opened(settings, clock))
        faces = configured(settings, kept, clock, telemetry, book.policy)
        platforms = [face.platform for face in faces]
        app = await stack.enter_async_context(
            application(
                settings,
                platforms,
                clock=clock,
                telemetry=telemetry,
                provider=model,
                rulebook=book,
                kept=kept,
                also_erased=[holding for face in faces for holding in face.holdings],
            )
        )
        if app.live is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, app.live.ask, "signal")
        url = await stack.enter_async_context(_http(settings, faces, metrics))
        gauges = Gauges(kept.ledger.waiting, kept.review.archive, clock, telemetry)
        await stack.enter_async_context(gauges.watched())
        desk = moderating(app, faces, clock, telemetry)
        known = KnownNow(app.stores.profiles, app.rules, clock)
        door = Door(app.intake, app.forget, app.forget_soon, known, None if desk is None else desk.presses)
        for face in faces:
            await stack.enter_async_context(face.run(door))
        if desk is not None:
            await stack.enter_async_context(desk.running())
        settle_memory()
        tidying = asyncio.create_task(keep_tidy(app.quiet))
        stack.callback(tidying.cancel)
        on_start(url)
        await stop.wait()
        telemetry.emit(Event.STOPPING)
        await asyncio.gather(*(face.pause(PAUSE_SECONDS) for face in faces))
        await app.end_turns()  # before the faces disconnect: what is being said is said to its end


def _http(settings: Settings, faces: Sequence[Face], metrics: Metrics) -> AbstractAsyncContextManager[str]:
    from adapters.web.listening import figures, webhooks

    async def ready() -> tuple[str, ...]:
        found = [await face.health() for face in faces]
        return tuple(f"{each.name}: {each.detail}" for each in found if not each.ready)

    routes = [route for face in faces for route in face.routes]
    if settings.metrics != "off":
        routes.append(figures(metrics.exposition, CONTENT_TYPE, to_all=settings.metrics == "all"))
    return webhooks(settings.host, settings.http_port, routes, ready)
