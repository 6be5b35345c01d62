"""A bot in the test workspace: the real app on the real slack-bolt, one process of it at a time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from adapters.slack.app import Access, SlackApp
from adapters.slack.ears import Count, Ears
from adapters.slack.limits import Pace
from bot.chat import Intake
from bot.chat.forgettable import Forgettables
from bot.chat.installations import Installations
from bot.chat.threads import Threads
from bot.clock import Clock, SystemClock
from bot.identity import Person
from bot.policy.phrases import phrase
from bot.private import Private
from bot.review.chat.presses import Presses
from tests.support.knowing import nothing_known
from tests.support.policies import shipped
from tests.support.slack.doors import Door, HttpDoor, Post, SocketDoor
from tests.support.slack.model import APP_TOKEN, SECRET, TOKEN
from tests.support.slack.people import Town
from tests.support.slack.server import Server


def lines(locale: str, phrase_id: str, /, **values: object) -> str:
    """The shipped policy's phrases."""
    return phrase(shipped(), locale, phrase_id, **values)


def english(phrase_id: str, **values: object) -> str:
    return lines("en", phrase_id, **values)


FAST = Pace(interval=0.0, burst=1, patience=20.0, append_every=0.0, edit_every=0.0)


async def until_health(app: SlackApp, *, ready: bool = True, detail: str = "") -> None:
    """Return once the app's health is as said."""
    async with asyncio.timeout(5):
        while True:
            health = await app.health()
            if health.ready is ready and detail in health.detail:
                return
            await asyncio.sleep(0.01)


@dataclass
class Heard:
    """What the app told whoever runs it."""

    gone: list[str] = field(default_factory=list)
    feedback: list[tuple[Person, str, bool]] = field(default_factory=list)
    counts: Counter[Count] = field(default_factory=Counter)
    known: Forgettables = nothing_known

    def ears(self, intake: Intake, presses: Presses | None = None) -> Ears:
        async def workspace_gone(workspace: str) -> None:
            self.gone.append(workspace)

        async def feedback_given(person: Person, message: str, helpful: bool) -> None:
            self.feedback.append((person, message, helpful))

        def count(what: Count) -> None:
            self.counts.update([what])

        return Ears(intake, workspace_gone, feedback_given, count, self.known, presses)


def make_app(
    server: Server,
    mode: str,
    process: str = "p0",
    *,
    clock: Clock | None = None,
    threads: Threads | None = None,
    installations: Installations | None = None,
    pace: Pace = FAST,
    takeover_after: float = 5.0,
    ping_interval: float = 2.0,
) -> SlackApp:
    """``mode``: ``socket`` or ``http``."""
    access = Access(
        bot_token=None if installations is not None else Private(TOKEN),
        app_token=Private(APP_TOKEN) if mode == "socket" else None,
        signing_secret=Private(SECRET) if mode == "http" else None,
        api_url=server.base(process),
    )
    return SlackApp(
        access,
        clock or SystemClock(),
        lines,
        threads=threads,
        installations=installations,
        pace=pace,
        takeover_after=takeover_after,
        ping_interval=ping_interval,
    )


@asynccontextmanager
async def running(
    server: Server,
    app: SlackApp,
    heard: Heard,
    intake: Intake,
    mode: str,
    process: str = "p0",
    presses: Presses | None = None,
) -> AsyncIterator[Door]:
    """The app at work; yields the door through which Slack reaches it."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.run(heard.ears(intake, presses)))
        if mode == "socket":
            await server.linked(process)
            yield SocketDoor(server, process)
            return
        site = web.Application()
        site.add_routes(app.routes())
        runner = web.AppRunner(site, shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield HttpDoor(f"http://{host}:{port}/slack/events", session, server.workspace.now)


@asynccontextmanager
async def town(server: Server, app: SlackApp, heard: Heard, intake: Intake, mode: str) -> AsyncIterator[Town]:
    async with running(server, app, heard, intake, mode) as door:
        yield Town(server, Post(door))
