"""What stands before every page of the desk: the proxy's word, this site's own forms, a session, a role."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.web.desk.address import PROXY_HEADER, DeskAddress
from adapters.web.desk.sessions import Session, Sessions
from adapters.web.guard import HEADERS, content_policy, hostname, problem
from bot.errors import (
    CaseGone,
    CaseHeld,
    CaseUnknown,
    InputError,
    NotAllowed,
    NotHeld,
    ReviewError,
    StoreUnavailable,
    TooLate,
)
from bot.review.accounts import Accounts
from bot.review.moderators import Moderator

FORM_LIMIT: Final = 64 * 1024
"""Bytes of a form."""

LOGIN: Final = "/desk/login"
SIGN_ON: Final = "/desk/login/elsewhere"
BACK: Final = "/desk/login/back"
OPEN: Final = frozenset({"/", LOGIN, SIGN_ON, BACK, "/healthz"})
"""Paths that need no session, beside the static files."""

SCRIPTED: Final = "X-Desk"
"""Set by the page's own script: the answer is to be JSON. Its value ``auto`` says that nobody pressed anything."""

_HEADERS: Final = {
    **HEADERS,
    "Content-Security-Policy": content_policy(forms="'self'"),
    # Forms must name their origin, which they do not under no-referrer. Addresses of the desk name nobody.
    "Referrer-Policy": "same-origin",
    "Server": "raise-bot",
}
_STATUS: Final = {CaseUnknown: 404, CaseGone: 410, CaseHeld: 409, NotHeld: 409, TooLate: 409, NotAllowed: 403}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks, as the account is at this moment, and their session."""

    who: Moderator
    session: Session


VISITOR: Final = web.RequestKey("visitor", Visitor)


def cookie_name(address: DeskAddress) -> str:
    """The prefix __Host- makes a browser refuse the cookie unless it is for TLS, this host and the whole site."""
    return "__Host-desk" if address.behind_tls else "desk"


def admit(answer: web.StreamResponse, address: DeskAddress, token: str) -> None:
    """Give the browser its session: for this host only, never to a script, never along from another site."""
    answer.set_cookie(
        cookie_name(address), token, path="/", httponly=True, samesite="Strict", secure=address.behind_tls
    )


def visitors_address(request: web.Request, address: DeskAddress) -> str:
    """The address of the browser: the last one the proxy saw, where a proxy has proven to be ours."""
    if address.secret:
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or str(request.remote)
    return str(request.remote)


def is_scripted(request: web.Request) -> bool:
    return SCRIPTED in request.headers


def hardener(address: DeskAddress) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """The headers of every answer."""

    async def harden(request: web.Request, response: web.StreamResponse) -> None:
        """Signal ``on_response_prepare``: nothing of the desk is kept by a browser or framed by another site."""
        response.headers.update(_HEADERS)
        still = request.path.startswith("/static/")
        response.headers.setdefault("Cache-Control", "no-cache" if still else "no-store")
        if address.behind_tls:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"

    return harden


def own_site(address: DeskAddress) -> Middleware:
    """Refuse a name that is not ours, a way past the proxy, and what another site's page sent."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if hostname(f"//{request.headers.get('Host', '')}") not in address.names:
            return problem(421, "wrong_host", "This name is not served here. Open the address the server printed.")
        said = request.headers.get(PROXY_HEADER, "").encode()
        if address.secret and not hmac.compare_digest(said, address.secret.encode()):
            return problem(403, "wrong_way", "The desk is reached through its proxy only.")
        if request.method not in ("GET", "HEAD"):
            origin = request.headers.get("Origin", "")
            if urlsplit(origin).netloc != request.headers["Host"]:
                return problem(403, "wrong_origin", "Only the desk's own pages may send.")
        return await handler(request)

    return check


def signed_in(sessions: Sessions, accounts: Accounts, address: DeskAddress) -> Middleware:
    """Nothing without a session; no form without the session's own token. The account is looked up at every request:
    one that was removed or given another role or password is so at once."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in OPEN or request.path.startswith("/static/"):
            return await handler(request)
        visitor = await visitor_of(request, sessions, accounts, address)
        if visitor is None:
            return _please_log_in(request)
        if request.method not in ("GET", "HEAD"):
            given = (await request.post()).get("csrf", "")
            if not isinstance(given, str) or not hmac.compare_digest(given.encode(), visitor.session.csrf.encode()):
                return problem(403, "forged", "This form is not from your session. Load the page again.")
        request[VISITOR] = visitor
        return await handler(request)

    return check


async def visitor_of(
    request: web.Request, sessions: Sessions, accounts: Accounts, address: DeskAddress, *, active: bool = True
) -> Visitor | None:
    """Who sent the request; None when the session has ended, or its account has gone or changed."""
    token = request.cookies.get(cookie_name(address), "")
    session = sessions.find(token, active=active and request.headers.get(SCRIPTED) != "auto")
    if session is None:
        return None
    account = await accounts.account(session.name)
    if account is None or account.password_set_at > session.began:
        sessions.end(token)
        return None
    return Visitor(account.moderator, session)


def _please_log_in(request: web.Request) -> web.Response:
    if is_scripted(request) or request.path == "/desk/events":
        return problem(401, "signed_out", "Your session has ended. Log in again: what you typed is still here.")
    read = request.method in ("GET", "HEAD")
    raise web.HTTPSeeOther(f"{LOGIN}?next={quote(request.path)}" if read else LOGIN)


def status_of(error: ReviewError | InputError | StoreUnavailable) -> int:
    """The HTTP status that fits an error of the desk."""
    if isinstance(error, StoreUnavailable):
        return 503
    return 400 if isinstance(error, InputError) else _STATUS.get(type(error), 409)
