"""The Slack app: connects, hands events to the core, and can be stopped without losing one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from adapters.background import Background
from adapters.slack.bolt import bolt_app, sdk_logger
from adapters.slack.calls import Calls
from adapters.slack.ears import Ears
from adapters.slack.front import Front
from adapters.slack.http import PATH
from adapters.slack.limits import PACE, Lanes, Pace, Sleep
from adapters.slack.locales import Locales
from adapters.slack.moderators import SlackSurface
from adapters.slack.nodes import text
from adapters.slack.platform import SlackPlatform
from adapters.slack.running import Running
from adapters.slack.web import Refused
from adapters.slack.workspaces import MemoryInstallations, MemoryThreads, Workspaces
from adapters.speaking import Lines
from bot.chat.installations import Installation, Installations
from bot.chat.threads import Threads
from bot.clock import Clock, Seconds
from bot.errors import SettingsError
from bot.private import Private

_LOG = logging.getLogger(__name__)
API_URL: Final = "https://slack.com/api/"
_TIMEOUT: Final[Seconds] = 20.0
_FIRST_PAUSE: Final[Seconds] = 1.0
_LONGEST_PAUSE: Final[Seconds] = 60.0


@dataclass(frozen=True, slots=True)
class Access:
    """``bot_token`` for one workspace, else installations are looked up. ``app_token`` turns Socket Mode on,
    ``signing_secret`` HTTP; both at once are fine. ``api_url`` is the Web API's base (proxies, GovSlack, tests)."""

    bot_token: Private[str] | None = None
    app_token: Private[str] | None = None
    signing_secret: Private[str] | None = None
    api_url: str = API_URL

    def __post_init__(self) -> None:
        if self.app_token is None and self.signing_secret is None:
            raise SettingsError(
                ("Slack needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP): neither is set",)
            )


@dataclass(frozen=True, slots=True)
class Health:
    """``ready``: events can come in and answers can go out. ``detail`` is fit for an operator."""

    ready: bool
    detail: str


class SlackApp:
    """Make it, give ``platform`` to the core, then ``async with app.run(ears)``. One event loop, one run at a time."""

    def __init__(
        self,
        access: Access,
        clock: Clock,
        lines: Lines,
        *,
        installations: Installations | None = None,
        threads: Threads | None = None,
        pace: Pace = PACE,
        takeover_after: Seconds = 5.0,
        ping_interval: Seconds = 10.0,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """``lines`` are the policy's phrases. ``installations`` is needed where there is no bot token. ``threads``
        should last over restarts (the default does not). ``takeover_after``: the engine gives no turn to another
        process sooner than this after its event."""
        if access.bot_token is None and installations is None:
            raise SettingsError(("Slack needs SLACK_BOT_TOKEN, or installations by OAuth: neither is set",))
        self._access = access
        self._clock = clock
        self._lines = lines
        self._ping_interval = ping_interval
        self._sleep = sleep
        self._threads = threads if threads is not None else MemoryThreads()
        self._client = AsyncWebClient(base_url=access.api_url, logger=sdk_logger(), retry_handlers=[])
        self._calls = Calls(self._client, Lanes(clock, pace, sleep))
        own = MemoryInstallations() if access.bot_token is not None or installations is None else installations
        self._workspaces = Workspaces(own, clock, complete=access.bot_token is None)
        self._platform = SlackPlatform(self._calls, self._workspaces, clock, lines, pace, takeover_after, sleep)
        self._running: Running | None = None
        self._problem = ""

    @property
    def platform(self) -> SlackPlatform:
        return self._platform

    @property
    def surface(self) -> SlackSurface:
        """Where cards of cases are posted."""
        return SlackSurface(self._calls, self._workspaces)

    @property
    def workspaces(self) -> Workspaces:
        """For the OAuth installation (:mod:`adapters.slack.install`)."""
        return self._workspaces

    def routes(self, path: str = PATH) -> list[web.RouteDef]:
        """What to add to the HTTP server; empty without a signing secret."""
        return [web.post(path, self._http)] if self._access.signing_secret is not None else []

    @asynccontextmanager
    async def run(self, ears: Ears) -> AsyncIterator[None]:
        """Connected inside. Leave it in the task that entered it; call ``pause`` first for a graceful end."""
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT)
        async with aiohttp.ClientSession(timeout=timeout) as session, Background() as background:
            self._client.session, self._calls.web.over = session, False
            locales = Locales(self._calls, self._clock, background)
            front = Front(
                ears,
                self._platform,
                self._workspaces,
                self._calls,
                self._threads,
                locales,
                self._lines,
                background,
                session,
                self._clock,
            )
            bolt = bolt_app(self._client, self._workspaces, front, ears.count)
            running = Running(bolt, ears.count, self._clock, self._sleep)
            if self._access.signing_secret is not None:
                running.open_http(self._access.signing_secret)
            if self._access.app_token is not None:
                background.start(
                    running.connect(self._access.app_token, self._client, self._ping_interval), "connecting to Slack"
                )
            if self._access.bot_token is not None and not self._workspaces.complete:
                background.start(self._introduce(self._access.bot_token), "finding out who we are")
            self._running = running
            try:
                yield
            finally:
                self._running = None
                await running.disconnect()
                self._client.session, self._calls.web.over = None, True

    async def pause(self, deadline: Seconds) -> None:
        """Take no more events, and wait up to ``deadline`` seconds for what is being acknowledged. Messages still go
        out."""
        if self._running is not None:
            await self._running.pause(deadline)

    async def health(self) -> Health:
        running = self._running
        if running is None:
            return Health(False, "not started")
        if not self._workspaces.complete:
            return Health(False, self._problem or "Slack has not said yet who we are")
        if self._access.app_token is not None and not await running.connected():
            return Health(False, "no connection to Slack (Socket Mode); connecting again")
        if running.paused:
            return Health(False, "stopping: takes no more events")
        return Health(True, "connected")

    async def _http(self, request: web.Request) -> web.Response:
        running = self._running
        if running is None:
            return web.json_response({"error": "not started"}, status=503)
        return await running.answer_http(request)

    async def _introduce(self, token: Private[str]) -> None:
        """Ask until Slack says who we are: the process may start while Slack is away."""
        pause = _FIRST_PAUSE
        while True:
            try:
                who, scopes = await self._calls.identity(token.reveal())
            except Refused as refusal:
                self._problem = f"{refusal}: check SLACK_BOT_TOKEN" if refusal.dead_token else str(refusal)
                _LOG.warning("%s; asking again in %.0f s", self._problem, pause)
                await self._sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            await self._workspaces.save(
                Installation(
                    workspace=text(who, "team_id"),
                    enterprise=text(who, "enterprise_id"),
                    token=token,
                    bot_user=text(who, "user_id"),
                    bot=text(who, "bot_id"),
                    app="",
                    scopes=scopes,
                    installed_at=self._clock.now(),
                )
            )
            self._workspaces.introduced()
            self._problem = ""
            return
