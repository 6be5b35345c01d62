"""What stands before every endpoint: who may call, how much, and what a browser may do with the answer."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.web.items import Json
from bot.errors import InputError, StoreUnavailable

BODY_LIMIT: Final = 64 * 1024
"""Bytes of a request."""

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def content_policy(forms: str) -> str:
    """Nothing from elsewhere, nothing inline, no HTML from strings in scripts. ``forms``: where they may be sent."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "img-src 'self'",
            "base-uri 'none'",
            f"form-action {forms}",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        )
    )


HEADERS: Final = {
    "Content-Security-Policy": content_policy(forms="'none'"),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


async def harden(request: web.Request, response: web.StreamResponse) -> None:
    """Signal ``on_response_prepare``: headers on every answer, errors and streams included."""
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-store" if request.path.startswith("/api/") else "no-cache")


def problem(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
    """The one shape of every error of the API: ``{"error": {"code", "message"}}``."""
    body: dict[str, Json] = {"error": {"code": code, "message": message}}
    return web.json_response(body, status=status, headers=headers)


def is_loopback(host: str) -> bool:
    """Whether a server bound to ``host`` is reached from this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def same_site(hosts: frozenset[str]) -> Middleware:
    """Refuse a Host that is not ours (a page elsewhere whose name was pointed here: DNS rebinding), and a request that
    another site's page made (cross-site request forgery). Programs that are no browsers send no Origin and may pass."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if hostname(f"//{request.headers.get('Host', '')}") not in hosts:
            return problem(421, "wrong_host", "This name is not served here. Open the address the server printed.")
        if request.method not in ("GET", "HEAD"):
            origin = request.headers.get("Origin")
            foreign = origin is not None and urlsplit(origin).netloc != request.headers["Host"]
            if foreign or request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
                return problem(403, "wrong_origin", "Only this site's own pages may send.")
            if request.content_type != "application/json":
                return problem(415, "not_json", "Expected Content-Type: application/json.")
        return await handler(request)

    return check


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn errors into answers a page can show. What nobody foresaw is aiohttp's to log and to answer with 500."""
    try:
        return await handler(request)
    except InputError as error:
        return problem(400, "bad_request", str(error))
    except StoreUnavailable:
        return problem(503, "unavailable", "Your message could not be kept. Please send it again in a moment.")
    except web.HTTPRequestEntityTooLarge:
        return problem(413, "too_large", f"That is too long: at most {BODY_LIMIT // 1024} kB fit in one message.")
    except web.HTTPException as error:
        if not request.path.startswith("/api/"):
            raise
        return problem(error.status, "no_such_request", f"{request.method} {request.path} is not served here.")


def hostname(address: str) -> str | None:
    """The host an address names; None when it is no address."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
