"""Logging in and out: slow for those who guess, the same for a wrong name and a wrong password."""

from __future__ import annotations

import re
from math import ceil
from typing import Final

from aiohttp import web

from adapters.web.desk.address import DeskAddress
from adapters.web.desk.guard import (
    LOGIN,
    SIGN_ON,
    VISITOR,
    admit,
    cookie_name,
    is_scripted,
    visitor_of,
    visitors_address,
)
from adapters.web.desk.live import Bell
from adapters.web.desk.pages import Pages
from adapters.web.desk.sessions import Sessions
from adapters.web.guard import problem
from adapters.web.limits import Limiter, Rate
from bot.clock import Clock, Seconds
from bot.private import Private
from bot.review.accounts import LONGEST_PASSWORD, Account, Accounts

PER_ACCOUNT: Final = Rate(burst=8, per_second=1 / 60)
PER_ADDRESS: Final = Rate(burst=20, per_second=1 / 10)
_WRONG: Final = "The name or the password is not right."
_LOCAL: Final = re.compile(r"/desk(/[A-Za-z0-9_./-]*)?")


class Door:
    """The pages to log in and out."""

    def __init__(
        self,
        accounts: Accounts,
        sessions: Sessions,
        address: DeskAddress,
        pages: Pages,
        bell: Bell,
        clock: Clock,
        *,
        elsewhere: bool = False,
    ) -> None:
        """``elsewhere``: there is single sign-on besides."""
        self._accounts = accounts
        self._sessions = sessions
        self._address = address
        self._pages = pages
        self._bell = bell
        self._elsewhere = SIGN_ON if elsewhere else ""
        self._by_account = Limiter(PER_ACCOUNT, clock)
        self._by_address = Limiter(PER_ADDRESS, clock)

    async def show(self, request: web.Request) -> web.Response:
        visitor = await visitor_of(request, self._sessions, self._accounts, self._address, active=False)
        if visitor is not None:
            raise web.HTTPSeeOther(local(request.query.get("next", "")))
        return await self.page(request, local(request.query.get("next", "")))

    async def log_in(self, request: web.Request) -> web.Response:
        """Begins a session of its own for every login, so that nobody can plant one."""
        form = await request.post()
        name, password, following = (_text(form.get(field)) for field in ("name", "password", "next"))
        name = name.strip().lower()[:40]
        if wait := self._wait(request, name):
            return await self._refused(request, 429, f"That was often. Please wait {ceil(wait)} s.", following, name)
        account = await self._proven(name, password)
        if account is None:
            return await self._refused(request, 401, _WRONG, following, name)
        self._sessions.end(request.cookies.get(cookie_name(self._address), ""))
        token, session = self._sessions.begin(account.moderator.name)
        answer: web.Response
        if is_scripted(request):
            answer = web.json_response({"csrf": session.csrf, "name": session.name})
        else:
            answer = web.Response(status=303, headers={"Location": local(following)})
        admit(answer, self._address, token)
        return answer

    async def log_out(self, request: web.Request) -> web.Response:
        name = cookie_name(self._address)
        self._sessions.end(request.cookies.get(name, ""))
        self._bell.ring()
        answer = web.Response(status=303, headers={"Location": LOGIN})
        answer.del_cookie(name, path="/", httponly=True, samesite="Strict", secure=self._address.behind_tls)
        return answer

    async def who(self, request: web.Request) -> web.Response:
        """The session's form token, for a page that logged in again in another window."""
        visitor = request[VISITOR]
        return web.json_response({"csrf": visitor.session.csrf, "name": visitor.who.name})

    async def _proven(self, name: str, password: str) -> Account | None:
        # A password nobody can have is not worth a hash; its length says nothing about any account.
        if len(password) > LONGEST_PASSWORD:
            return None
        return await self._accounts.proven(name, Private(password))

    def _wait(self, request: web.Request, name: str) -> Seconds:
        """Addresses first: who guesses at many names from one place does not use up the tries of their owners."""
        return self._by_address.wait(visitors_address(request, self._address)) or self._by_account.wait(name)

    async def _refused(self, request: web.Request, status: int, text: str, following: str, name: str) -> web.Response:
        if is_scripted(request):
            return problem(status, "refused", text)
        return await self.page(request, local(following), name=name, wrong=text, status=status)

    async def page(
        self, request: web.Request, following: str, name: str = "", wrong: str = "", status: int = 200
    ) -> web.Response:
        """The page to log in on, with what went ``wrong``."""
        nobody = not await self._accounts.everybody()
        values = {"next": following, "name": name, "wrong": wrong, "nobody": nobody, "elsewhere": self._elsewhere}
        return self._pages.draw(request, "login.html", values, status)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def local(address: str) -> str:
    """A page of the desk to go on to, and nowhere else."""
    return address if _LOCAL.fullmatch(address) and ".." not in address else "/desk"
