"""The server of the desk: routes, pages that only read, start and stop."""

from __future__ import annotations

import csv
import io
from typing import Final

from aiohttp import web

from adapters.web.desk import charts, words
from adapters.web.desk.address import DeskAddress
from adapters.web.desk.casefile import casefile
from adapters.web.desk.door import Door
from adapters.web.desk.elsewhere import Elsewhere
from adapters.web.desk.guard import (
    BACK,
    FORM_LIMIT,
    LOGIN,
    SCRIPTED,
    SIGN_ON,
    VISITOR,
    hardener,
    own_site,
    signed_in,
    visitor_of,
)
from adapters.web.desk.listing import STATE_CHOICES, row, wish
from adapters.web.desk.live import Bell, Known, follow
from adapters.web.desk.operating import OperatorPages
from adapters.web.desk.pages import Pages, explaining
from adapters.web.desk.sessions import Lifetimes, Sessions
from adapters.web.desk.signon import SignOn
from adapters.web.desk.steps import HOURS, Steps
from adapters.web.listening import STATIC, listen
from bot.errors import InputError
from bot.private import Private
from bot.review.accounts import Accounts
from bot.review.cases import Case, Ruling
from bot.review.desk import Desk
from bot.review.handling import LONGEST
from bot.review.limits import limits_of
from bot.review.moderators import Moderator, Role
from bot.review.operating import Console
from bot.review.presentation import View

DAY: Final = 86_400.0
PERIODS: Final = {"7": "7 days", "30": "30 days", "90": "90 days", "all": "All time"}


class DeskApp:
    """Serves one :class:`Desk` to the accounts there are. Sessions live in this process."""

    def __init__(
        self,
        desk: Desk,
        accounts: Accounts,
        address: DeskAddress = DeskAddress(),  # noqa: B008 - frozen
        *,
        lifetimes: Lifetimes = Lifetimes(),  # noqa: B008 - frozen
        sign_on: SignOn | None = None,
        console: Console | None = None,
    ) -> None:
        """``console``: what operators' pages need; without it there are none."""
        self._desk = desk
        self._accounts = accounts
        self._address = address
        self._pages = Pages(desk.clock, operated=console is not None)
        self._operators = None if console is None else OperatorPages(console, desk, self._pages, desk.clock)
        self._sessions = Sessions(desk.clock, lifetimes)
        self._bell = Bell()
        self._steps = Steps(desk, self._bell)
        self._door = Door(
            accounts, self._sessions, address, self._pages, self._bell, desk.clock, elsewhere=sign_on is not None
        )
        self._elsewhere = (
            None
            if sign_on is None
            else Elsewhere(sign_on, self._door, self._sessions, address, self._pages, desk.clock)
        )
        self._runner: web.AppRunner | None = None

    def application(self) -> web.Application:
        """The routes, for a server of one's own."""
        app = web.Application(
            client_max_size=FORM_LIMIT,
            middlewares=[
                own_site(self._address),
                explaining(self._pages),
                signed_in(self._sessions, self._accounts, self._address),
            ],
        )
        app.on_response_prepare.append(hardener(self._address))
        read, form = app.router.add_get, app.router.add_post
        read("/", self._home)
        read("/healthz", self._healthz)
        read(LOGIN, self._door.show)
        form(LOGIN, self._door.log_in)
        if self._elsewhere is not None:
            read(SIGN_ON, self._elsewhere.leave)
            read(BACK, self._elsewhere.come_back)
        form("/desk/logout", self._door.log_out)
        read("/desk/who", self._door.who)
        read("/desk", self._queue)
        read("/desk/events", self._events)
        form("/desk/next", self._steps.claim_next)
        read("/desk/cases/{case}", self._case)
        form("/desk/cases/{case}/reveal", self._reveal)
        for name, step in self._steps.named().items():
            form(f"/desk/cases/{{case}}/{name}", self._steps.handler(step))
        read("/desk/figures", self._figures)
        read("/desk/referrals.csv", self._referrals)
        if self._operators is not None:
            self._operators.routes(app)
        app.router.add_static("/static/", STATIC)
        return app

    async def start(self) -> str:
        """Listen; returns the address to open. Raises PlatformError when the port cannot be had."""
        self._runner, url = await listen(self.application(), self._address.host, self._address.port)
        return f"{url}desk"

    async def stop(self) -> None:
        """End open pages (they reconnect by themselves) and stop listening."""
        self._bell.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _home(self, request: web.Request) -> web.Response:
        raise web.HTTPSeeOther("/desk")

    async def _healthz(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _queue(self, request: web.Request) -> web.Response:
        who, now = request[VISITOR].who, self._desk.clock.now()
        if who.role is Role.OPERATOR:
            raise web.HTTPSeeOther("/desk/figures")
        wanted = wish(request.query)
        # Asked before the list, so that a change in between is told once more rather than never.
        head = await self._desk.trail.head()
        page = await self._desk.list(who, wanted.filter(who, now), wanted.after)
        values = {
            "wish": wanted,
            "rows": [row(case, who, now) for case in page.cases],
            "further": None if page.after is None else wanted.address(page.after),
            "beginning": wanted.address() if wanted.after is not None else None,
            "head": head.number,
            "state_choices": STATE_CHOICES,
            "notices": await self._desk.notices(who),
        }
        return self._pages.draw(request, "queue.html", values)

    async def _case(self, request: web.Request) -> web.Response:
        head = await self._desk.trail.head()
        by_itself = request.headers.get(SCRIPTED) == "auto"
        view = await self._desk.show(request[VISITOR].who, request.match_info["case"], again=by_itself)
        return await self._draw_case(request, view, head.number)

    async def _reveal(self, request: web.Request) -> web.Response:
        """The page with identifiers, as the answer to the form itself: it has no address that could be opened again."""
        reason = (await request.post()).get("reason", "")
        if not isinstance(reason, str):
            raise InputError("expected a reason in words")
        view = await self._desk.reveal(request[VISITOR].who, request.match_info["case"], Private(reason))
        self._bell.ring()
        return await self._draw_case(request, view, (await self._desk.trail.head()).number)

    async def _draw_case(self, request: web.Request, view: View, head: int) -> web.Response:
        who = request[VISITOR].who
        everybody = await self._accounts.everybody()
        values = {
            "file": casefile(view, who, everybody, self._desk.clock.now(), self._desk.redact),
            "history": view.history,
            "rulings": _offered(view.case, self._desk),
            "hours": HOURS,
            "longest": LONGEST,
            "head": head,
        }
        return self._pages.draw(request, "case.html", values, 410 if view.case.gone is not None else 200)

    async def _figures(self, request: web.Request) -> web.Response:
        who, now = request[VISITOR].who, self._desk.clock.now()
        period = request.query.get("since", "30")
        if period not in PERIODS:
            raise InputError(f"expected a period out of {', '.join(PERIODS)}")
        figures = await self._desk.statistics(who, 0.0 if period == "all" else now - int(period) * DAY)
        counted = who.role is not Role.MODERATOR
        values = {
            "figures": figures,
            "waiting": charts.waiting_rows(figures, now),
            "rulings": charts.ruling_bars(figures),
            "rules": charts.rule_bars(figures),
            "referrals": charts.referral_rows(await self._desk.referrals(who)) if counted else (),
            "counted": counted,
            "period": period,
            "periods": PERIODS,
        }
        return self._pages.draw(request, "figures.html", values)

    async def _referrals(self, request: web.Request) -> web.Response:
        referrals = await self._desk.referrals(request[VISITOR].who)
        text = io.StringIO()
        lines = csv.writer(text)
        lines.writerow(("month", "category", "count"))
        lines.writerows((each.month, each.category or "", each.count) for each in referrals)
        headers = {"Content-Disposition": 'attachment; filename="referrals.csv"'}
        return web.Response(text=text.getvalue(), content_type="text/csv", headers=headers)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        after = request.headers.get("Last-Event-ID") or request.query.get("after", "0")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await response.prepare(request)
        number = int(after) if after.isdecimal() and len(after) <= 18 else 0
        case_id = request.query.get("case", "")
        try:
            await follow(self._desk, self._bell, self._known(request), case_id, number, response.write)
        except ConnectionResetError:
            return response  # the page was closed, which is how every stream ends
        return response

    def _known(self, request: web.Request) -> Known:
        async def known() -> Moderator | None:
            visitor = await visitor_of(request, self._sessions, self._accounts, self._address, active=False)
            return None if visitor is None else visitor.who

        return known


def _offered(case: Case, desk: Desk) -> tuple[tuple[Ruling, str, str], ...]:
    """The decisions that can be taken, each with its label and what it does."""
    following = limits_of(desk.policy().cases).next_queue.get(case.queue)
    offered = [
        (Ruling.NO_RISK, "Nothing to worry about. Counts against the rules that flagged it."),
        (Ruling.WATCH, "Look again later; the case comes back by itself."),
    ]
    if not case.held:
        offered.append((Ruling.CONTACT, "Write one message to the person, in private, as the bot."))
    if following is not None:
        offered.append((Ruling.ESCALATE, f"Pass it on to the queue {following}."))
    if not case.held:
        offered.append((Ruling.TAKE_OVER, "Speak with the person yourself; the bot is silent until you hand back."))
    return tuple((ruling, words.RULINGS[ruling], text) for ruling, text in offered)
