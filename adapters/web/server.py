"""The server of the chat page: routes, start and stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Final

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adapters.web.guard import BODY_LIMIT, LOOPBACK, explain, harden, is_loopback, problem, same_site
from adapters.web.items import Json, State, place_name
from adapters.web.limits import Limiter, Rate
from adapters.web.listening import STATIC, Ready, health, listen, url_of
from adapters.web.platform import NAME, WebPlatform
from adapters.web.requests import Posted, Reader
from adapters.web.stream import Cursor, pump
from bot.chat import ChoiceKind, Chose, Intake, Notice, Question
from bot.chat.fields import read_object
from bot.clock import Clock, Seconds
from bot.errors import SettingsError

_HERE: Final = Path(__file__).parent
_SWEEP_S: Final = 60.0
_MOST_PAGES: Final = 12
_HELP_NOW: Final = "If you are in danger now, please call your local emergency number."

Read = Callable[[Mapping[str, object], Seconds], Posted]


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen. ``hosts``: names under which the page may be opened, needed when ``host`` is not loopback.
    Port 0 picks a free one."""

    host: str = "127.0.0.1"
    port: int = 8080
    hosts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not is_loopback(self.host) and not self.hosts:
            warning = (
                f"web: listening on {self.host} opens the page to others, and it has no log-in: "
                "listen on 127.0.0.1, or name the hosts under which people may open it"
            )
            raise SettingsError((warning,))


async def _always_ready() -> tuple[str, ...]:
    return ()


class WebApp:
    """Serves one :class:`WebPlatform`. ``ready`` returns what is not in order (nothing when all is well);
    ``desk`` is where the moderators' desk is, empty when there is none."""

    def __init__(
        self,
        platform: WebPlatform,
        intake: Intake,
        clock: Clock,
        address: Address = Address(),
        *,
        channels: tuple[str, ...] = ("general",),
        people: tuple[str, ...] = ("Alex", "Sam", "Robin"),
        rate: Rate = Rate(),  # noqa: B008 - frozen
        ready: Ready = _always_ready,
        desk: str = "",
    ) -> None:
        self._platform = platform
        self._intake = intake
        self._clock = clock
        self._address = address
        self._reader = Reader(platform, channels)
        self._people = people
        self._limiter = Limiter(rate, clock)
        self._ready = ready
        self._desk = desk
        self._runner: web.AppRunner | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined
        )

    @property
    def url(self) -> str:
        """The address to open, once started."""
        port = self._runner.addresses[0][1] if self._runner is not None else self._address.port
        return url_of(self._address.host, port)

    def application(self) -> web.Application:
        """The routes, for a server of one's own."""
        at = self._address
        hosts = LOOPBACK.union(at.hosts, (at.host,) if is_loopback(at.host) else ())
        app = web.Application(client_max_size=BODY_LIMIT, middlewares=[same_site(hosts), explain])
        app.on_response_prepare.append(harden)
        app.router.add_get("/", self._page)
        app.router.add_get("/api/events", self._events)
        for name, read in (
            ("messages", self._reader.message),
            ("choices", self._reader.choice),
            ("commands", self._reader.command),
            ("stop", self._reader.stop),
        ):
            app.router.add_post(f"/api/{name}", self._taking(read))
        app.router.add_routes(health(self._ready))
        app.router.add_static("/static/", STATIC)
        return app

    async def start(self) -> str:
        """Listen; returns the address to open. Raises PlatformError when the port cannot be had."""
        self._runner, _ = await listen(self.application(), self._address.host, self._address.port)
        self._sweep()
        return self.url

    async def stop(self) -> None:
        """End open pages (they reconnect by themselves) and stop listening."""
        if self._timer is not None:
            self._timer.cancel()
        self._platform.feeds.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _sweep(self) -> None:
        self._platform.feeds.sweep()
        self._timer = asyncio.get_running_loop().call_later(_SWEEP_S, self._sweep)

    async def _page(self, request: web.Request) -> web.Response:
        places = [{"id": place_name(space), "public": not space.private} for space in self._reader.places]
        page = self._templates.get_template("chat.html").render(
            people=self._people,
            places=places,
            limit=BODY_LIMIT,
            desk=self._desk,
            turns=f"{NAME}:{self._platform.workspace}:",
        )
        return web.Response(text=page, content_type="text/html")

    def _taking(self, read: Read) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handler(request: web.Request) -> web.Response:
            posted = read(read_object(await request.read()), self._clock.now())
            person = posted.inbound.person
            if wait := max(self._limiter.wait(f"at {request.remote}"), self._limiter.wait(str(person))):
                text = f"That is a lot at once. Please wait {ceil(wait)} s and send it again. {_HELP_NOW}"
                return problem(429, "too_fast", text, {"Retry-After": str(ceil(wait))})
            return web.json_response(await self._accept(posted), status=202)

        return handler

    async def _accept(self, posted: Posted) -> dict[str, Json]:
        """Show the person's words, then hand them over; words that could not be taken are withdrawn again."""
        event, kept = posted.inbound, False
        shown = posted.shown is not None and self._platform.echo(
            posted.item, event.turn_id, event.person, posted.where, posted.shown, hidden=posted.hidden
        )
        try:
            receipt = await self._intake.accept(event)
            kept = not receipt.duplicate
        finally:
            if shown and not kept:
                self._platform.feeds.withdraw(posted.item)
        self._mark(posted)
        return {"turn": receipt.turn_id, "duplicate": receipt.duplicate, "crisis": receipt.crisis}

    def _mark(self, posted: Posted) -> None:
        """A message whose choice was taken shows which one. A question is closed by it, unless it was to ask why; the
        choices of a notice can be pressed again."""
        content, item = posted.inbound.content, self._platform.feeds.find(posted.answers)
        if item is None or not isinstance(content, Chose) or not isinstance(item.view, Question | Notice):
            return
        kinds = {choice.id: choice.kind for choice in item.view.choices}
        if kinds.get(content.choice) is not ChoiceKind.WHY:
            state = State.CLOSED if isinstance(item.view, Question) else item.state
            self._platform.feeds.change(item.id, state=state, chosen=content.choice)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        person = self._reader.person(request.query.get("user", ""))
        space = self._reader.space(request.query.get("place", "dm"))
        after = _number(request.headers.get("Last-Event-ID") or request.query.get("after", "0"))
        feeds = self._platform.feeds
        if feeds.watching(person) >= _MOST_PAGES:
            return problem(429, "too_many_pages", "Too many pages are open for this person. Close some of them.")
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        with feeds.watch(person, space) as watch:
            cursor = Cursor(feeds, watch, self._reader.places, after)
            await response.prepare(request)
            try:
                await pump(watch, cursor, response.write)
            except ConnectionResetError:
                return response  # the page was closed, which is how every stream ends
        return response


def _number(text: str) -> int:
    """The number of an event as a page sends it back; 0, everything, for what is no number."""
    return int(text) if text.isdecimal() and len(text) <= 18 else 0
