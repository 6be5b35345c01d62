"""The pages of single sign-on: out to the OpenID provider, and back in."""

from __future__ import annotations

from math import ceil
from typing import Final

from aiohttp import web

from adapters.web.desk.address import DeskAddress
from adapters.web.desk.door import PER_ADDRESS, Door, local
from adapters.web.desk.guard import BACK, admit, cookie_name, visitors_address
from adapters.web.desk.pages import Pages
from adapters.web.desk.sessions import Sessions
from adapters.web.desk.signon import LASTS, NoRole, ProviderDown, SignOn, Untrusted
from adapters.web.limits import Limiter
from bot.clock import Clock
from bot.errors import InputError

_DOWN: Final = "Single sign-on cannot be reached just now. Try again in a moment, or use an account of this desk."
_UNTRUSTED: Final = (
    "What came back from single sign-on could not be trusted, so nobody was logged in. Please try again."
)
_REFUSED: Final = "Single sign-on did not let you in. Nothing was changed."


class Elsewhere:
    """Begins a session of the desk for whoever comes back from the provider with a role."""

    def __init__(
        self, sign_on: SignOn, door: Door, sessions: Sessions, address: DeskAddress, pages: Pages, clock: Clock
    ) -> None:
        self._sign_on = sign_on
        self._door = door
        self._sessions = sessions
        self._address = address
        self._pages = pages
        self._by_address = Limiter(PER_ADDRESS, clock)

    async def leave(self, request: web.Request) -> web.Response:
        following = local(request.query.get("next", ""))
        if wait := self._by_address.wait(visitors_address(request, self._address)):
            return await self._door.page(
                request, following, wrong=f"That was often. Please wait {ceil(wait)} s.", status=429
            )
        scheme = "https" if self._address.behind_tls else "http"
        try:
            address, browser = await self._sign_on.leave(f"{scheme}://{request.headers['Host']}{BACK}", following)
        except ProviderDown:
            return await self._door.page(request, following, wrong=_DOWN, status=503)
        answer = web.Response(status=303, headers={"Location": address})
        # Lax: the way back begins at the provider. It proves only that this browser began.
        answer.set_cookie(
            self._cookie,
            browser,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=self._address.behind_tls,
            max_age=int(LASTS),
        )
        return answer

    async def come_back(self, request: web.Request) -> web.Response:
        browser, query = request.cookies.get(self._cookie, ""), request.query
        if "error" in query or not query.get("code"):
            return await self._door.page(request, local(""), wrong=_REFUSED, status=401)
        try:
            who, following = await self._sign_on.come_back(browser, query.get("state", ""), query["code"])
        except ProviderDown:
            return await self._door.page(request, local(""), wrong=_DOWN, status=503)
        except Untrusted:
            return await self._door.page(request, local(""), wrong=_UNTRUSTED, status=401)
        except InputError as problem:
            status = 403 if isinstance(problem, NoRole) else 400
            said = str(problem)
            return await self._door.page(request, local(""), wrong=f"{said[:1].upper()}{said[1:]}.", status=status)
        self._sessions.end(request.cookies.get(cookie_name(self._address), ""))
        token, _ = self._sessions.begin(who.name)
        # A page rather than a redirect: a browser sends a Strict cookie only where the way began on this site.
        answer = self._pages.draw(request, "welcome.html", {"next": following})
        admit(answer, self._address, token)
        answer.del_cookie(self._cookie, path="/", httponly=True, samesite="Lax", secure=self._address.behind_tls)
        return answer

    @property
    def _cookie(self) -> str:
        return f"{cookie_name(self._address)}-trip"
