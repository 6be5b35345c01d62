"""The operators' pages: the policy with its mistakes, trying a message, what was decided. For operators only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from adapters.web.desk import plots
from adapters.web.desk.guard import VISITOR
from adapters.web.desk.pages import Pages
from adapters.web.desk.sources import excerpt
from bot.clock import Clock
from bot.errors import InputError, NotAllowed, PolicyError
from bot.policy.diagnostics import Level
from bot.policy.registry import Outcome, Refused, Reloaded
from bot.private import Private
from bot.review.desk import Desk
from bot.review.moderators import EVERYWHERE, Moderator, Role
from bot.review.operating import DAY, LONGEST_TRIAL, SERVING, Console, Tried

POLICY: Final = "/desk/policy"
TRY: Final = "/desk/try"
DECISIONS: Final = "/desk/decisions"
PERIODS: Final = {"7": "7 days", "30": "30 days", "90": "90 days", "180": "180 days"}
LOCALES: Final = {"und": "Not known", "en-US": "English", "de-DE": "German", "es-ES": "Spanish", "fr-FR": "French"}
FIELDS: Final = ("text", "workspace", "channel", "locale", "version")
_SHOWN: Final = 100
"""Diagnostics and changes listed on one page."""
Handler = Callable[[web.Request], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class OperatorPages:
    """``console`` does what they ask for."""

    console: Console
    desk: Desk
    pages: Pages
    clock: Clock

    def routes(self, app: web.Application) -> None:
        """Every page; each is refused to anybody who is no operator."""
        read, form = app.router.add_get, app.router.add_post
        read(POLICY, _for_operators(self._policy))
        read(f"{POLICY}/file", _for_operators(self._file))
        form(f"{POLICY}/reload", _for_operators(self._reload))
        read(f"{POLICY}/rollback", _for_operators(self._confirm))
        form(f"{POLICY}/rollback", _for_operators(self._roll_back))
        read(TRY, _for_operators(self._try))
        form(TRY, _for_operators(self._tried))
        read(DECISIONS, _for_operators(self._decisions))

    async def _policy(self, request: web.Request) -> web.Response:
        standing = await self.console.standing()
        errors = [each for each in standing.diagnostics if each.severity is Level.ERROR]
        warnings = [each for each in standing.diagnostics if each.severity is Level.WARNING]
        marked = {each.file for each in standing.diagnostics}
        values = {
            "standing": standing,
            "errors": errors[:_SHOWN],
            "warnings": warnings[:_SHOWN],
            "more": max(0, len(errors) - _SHOWN) + max(0, len(warnings) - _SHOWN),
            "marked": marked,
            "may_change": request[VISITOR].who.workspaces == EVERYWHERE,
        }
        return self.pages.draw(request, "policy.html", values)

    async def _file(self, request: web.Request) -> web.Response:
        name, line = request.query.get("name", ""), request.query.get("line", "")
        source = await self.console.source(name[:300])
        if source is None:
            raise web.HTTPNotFound
        first = int(line) if line.isdecimal() and len(line) <= 7 else 1
        return self.pages.draw(request, "policy_file.html", {"source": source, "part": excerpt(source, first)})

    async def _reload(self, request: web.Request) -> web.Response:
        who = _may_change(request)
        return self._said(request, *_outcome(await self.console.reload(who.name)))

    async def _confirm(self, request: web.Request) -> web.Response:
        _may_change(request)
        wanted = request.query.get("id", "")
        try:
            changes = await self.console.changes(wanted)
        except PolicyError as problem:
            raise InputError(f"that policy cannot be put back: {problem}") from problem
        values = {"wanted": wanted, "changes": changes[:_SHOWN], "more": max(0, len(changes) - _SHOWN)}
        return self.pages.draw(request, "policy_rollback.html", values)

    async def _roll_back(self, request: web.Request) -> web.Response:
        who, wanted = _may_change(request), str((await request.post()).get("id", ""))
        try:
            outcome = await self.console.roll_back(wanted, who.name)
        except PolicyError as problem:
            raise InputError(f"that policy cannot be put back: {problem}") from problem
        said, failed = _outcome(outcome)
        return self._said(request, said if failed else f"Put back: {wanted} serves again.", failed)

    def _said(self, request: web.Request, text: str, failed: bool) -> web.Response:
        session = request[VISITOR].session
        session.said, session.failed = text, failed
        return web.Response(status=303, headers={"Location": POLICY})

    async def _try(self, request: web.Request) -> web.Response:
        form = {"text": "", "workspace": "web:w1", "channel": "", "locale": "en-US", "version": SERVING}
        return await self._draw_trial(request, form, None)

    async def _tried(self, request: web.Request) -> web.Response:
        """The result is the answer to the form itself: it has no address, and nothing of it is kept."""
        given = await request.post()
        form = {
            name: str(given.get(name, "")).strip() for name in ("text", "workspace", "channel", "locale", "version")
        }
        if form["locale"] not in LOCALES:
            raise InputError(f"expected a language out of {', '.join(LOCALES)}")
        text, place = Private(form["text"].replace("\r\n", "\n")), (form["workspace"], form["channel"], form["locale"])
        try:
            tried = await self.console.tried(text, *place, form["version"] or SERVING)
        except PolicyError as problem:
            raise InputError(f"that version cannot be tried: {problem}") from problem
        return await self._draw_trial(request, form, tried)

    async def _draw_trial(self, request: web.Request, form: dict[str, str], tried: Tried | None) -> web.Response:
        versions = await self.console.versions()
        values = {"form": form, "tried": tried, "versions": versions, "locales": LOCALES, "longest": LONGEST_TRIAL}
        return self.pages.draw(request, "try.html", values)

    async def _decisions(self, request: web.Request) -> web.Response:
        who, now, period = request[VISITOR].who, self.clock.now(), request.query.get("since", "30")
        if period not in PERIODS:
            raise InputError(f"expected a period out of {', '.join(PERIODS)}")
        since = (now // DAY - int(period) + 1) * DAY
        everywhere = who.workspaces == EVERYWHERE
        tallies = await self.console.tally(since, None if everywhere else who.workspaces)
        spent = await self.console.spent(since) if everywhere else ()
        figures = await self.desk.statistics(who, since)
        days = plots.Days.of(since, now, [*(each.day for each in tallies), *(each.day for each in spent)])
        totals = plots.totals(tallies)
        values = {
            "period": period,
            "periods": PERIODS,
            "totals": totals,
            "ratio": plots.ratio(totals[plots.ASK], totals[plots.ANSWER]),
            "ratio_line": plots.ratio_line(tallies, days),
            "attributes": plots.attribute_rows(tallies, days)[:_SHOWN],
            "rules": plots.rule_rows(tallies, figures, days)[:_SHOWN],
            "versions": plots.version_rows(tallies)[:_SHOWN],
            "costs": plots.cost_rows(spent, days)[:_SHOWN],
            "everywhere": everywhere,
        }
        return self.pages.draw(request, "decisions.html", values)


def _for_operators(page: Handler) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        if request[VISITOR].who.role is not Role.OPERATOR:
            raise NotAllowed("these pages are for operators")
        return await page(request)

    return handle


def _may_change(request: web.Request) -> Moderator:
    who = request[VISITOR].who
    if who.workspaces != EVERYWHERE:
        raise NotAllowed("the policy holds in every workspace: only an operator of all of them may change what serves")
    return who


def _outcome(outcome: Outcome) -> tuple[str, bool]:
    """What to say of it, and whether it went wrong."""
    match outcome:
        case Reloaded(policy):
            return f"Read again: {policy.id} serves now.", False
        case Refused(policy, diagnostics):
            errors = sum(each.severity is Level.ERROR for each in diagnostics)
            count = f"{errors} {'error' if errors == 1 else 'errors'}"
            return f"Refused, {count} found: {policy.id} goes on serving.", True
        case _:
            return "The files are as they were: nothing changed.", False
