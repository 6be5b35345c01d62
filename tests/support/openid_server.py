"""An OpenID provider on a free port of this machine: discovery, keys, a login without a form, tokens, user info.

It checks what a real one checks (redirect address, client secret, code once, PKCE), so that a forgetful desk fails.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT: Final = "desk"
SECRET: Final = "a secret of the desk: with / signs"


@dataclass(slots=True)
class Idp:
    """``person`` are the claims of whoever logs in next; ``spoilt`` overrides claims of the id token; ``denies`` sends
    people back without a code; ``in_user_info`` keeps the groups out of the id token; ``elsewhere`` overrides addresses
    of the configuration."""

    now: Callable[[], float]
    back: str = ""
    issuer: str = ""
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "preferred_username": "Ada"})
    spoilt: dict[str, Any] = field(default_factory=dict)
    denies: bool = False
    in_user_info: bool = False
    elsewhere: dict[str, str] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signing: RSAKey | None = None
    algorithm: str = "RS256"
    asked: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def routes(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._configuration)
        app.router.add_get("/keys", self._keys)
        app.router.add_get("/authorize", self._authorize)
        app.router.add_post("/token", self._token)
        app.router.add_get("/user", self._user)
        return app

    async def _configuration(self, request: web.Request) -> web.Response:
        ends = {"authorization": "authorize", "token": "token", "userinfo": "user"}
        found = {f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in ends.items()}
        return web.json_response({"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **found, **self.elsewhere})

    async def _keys(self, request: web.Request) -> web.Response:
        return web.json_response({"keys": [self.key.as_dict(private=False)]})

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        self.asked.append(asked)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        if self.back:
            assert asked["redirect_uri"] == self.back
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        answer = {"error": "access_denied"} if self.denies else {"code": code}
        place = f"{asked['redirect_uri']}?{urlencode({**answer, 'state': asked['state']})}"
        return web.Response(status=303, headers={"Location": place})

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self.codes.pop(str(form["code"]), None)
        wanted = base64.b64encode(f"{CLIENT}:a+secret+of+the+desk%3A+with+%2F+signs".encode()).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest())
        if (
            asked is None
            or request.headers.get("Authorization") != f"Basic {wanted}"
            or challenge.decode().rstrip("=") != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(self.now())
        about = dict(self.person)
        if self.in_user_info:
            about.pop("groups", None)
        times = {"iat": now, "exp": now + 300}
        claims = {"iss": self.issuer, "aud": CLIENT, "nonce": asked["nonce"], **times, **about, **self.spoilt}
        signed = jwt.encode(
            {"alg": self.algorithm, "kid": (self.signing or self.key).kid}, claims, self.signing or self.key
        )
        return web.json_response({"token_type": "Bearer", "access_token": "access", "id_token": signed})

    async def _user(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer access"
        return web.json_response(self.person)


@asynccontextmanager
async def idp(now: Callable[[], float]) -> AsyncIterator[Idp]:
    made = Idp(now)
    runner = web.AppRunner(made.routes())
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        made.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield made
    finally:
        await runner.cleanup()
