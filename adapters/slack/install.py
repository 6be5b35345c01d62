"""Installation by OAuth: ``/slack/install`` leads to Slack, ``/slack/oauth_redirect`` brings the token back.

The flow is the SDK's (https://docs.slack.dev/authentication/installing-with-oauth). What is kept is the port's; the
state that ties the two halves together is signed, not stored, so any replica can take the second half.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.models import Installation as SdkInstallation
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.bolt import sdk_logger
from adapters.slack.workspaces import Workspaces
from bot.chat.installations import Installation
from bot.clock import Clock, Seconds
from bot.errors import StoreUnavailable
from bot.private import Private

INSTALL: Final = "/slack/install"
REDIRECT: Final = "/slack/oauth_redirect"
_VALID: Final[Seconds] = 600.0


@dataclass(frozen=True, slots=True)
class Client:
    """``SLACK_CLIENT_ID`` and ``SLACK_CLIENT_SECRET``; ``redirect`` is the full address of REDIRECT as Slack sees it.
    ``state_key``: any secret of the deployment, the same in all replicas."""

    id: str
    secret: Private[str]
    redirect: str
    state_key: bytes
    scopes: tuple[str, ...]
    api_url: str


class OAuth:
    """Adds two pages to the HTTP server."""

    def __init__(self, client: Client, workspaces: Workspaces, clock: Clock) -> None:
        logger = sdk_logger()
        settings = AsyncOAuthSettings(
            client_id=client.id,
            client_secret=client.secret.reveal(),
            scopes=list(client.scopes),
            redirect_uri=client.redirect,
            installation_store=_Store(workspaces, logger),
            state_store=_SignedStates(client.state_key, clock, logger),
            logger=logger,
        )
        api = AsyncWebClient(base_url=client.api_url, logger=logger, retry_handlers=[])
        self._flow = AsyncOAuthFlow(client=api, logger=logger, settings=settings)

    def routes(self) -> list[web.RouteDef]:
        return [web.get(INSTALL, self._install), web.get(REDIRECT, self._redirect)]

    async def _install(self, request: web.Request) -> web.StreamResponse:
        return await to_aiohttp_response(await self._flow.handle_installation(_bolt(request)))

    async def _redirect(self, request: web.Request) -> web.StreamResponse:
        return await to_aiohttp_response(await self._flow.handle_callback(_bolt(request)))


def _bolt(request: web.Request) -> AsyncBoltRequest:
    headers: dict[str, str | Sequence[str]] = dict(request.headers)
    return AsyncBoltRequest(body="", query=request.query_string, headers=headers)


class _Store(AsyncInstallationStore):
    """The SDK's store, for the one thing the flow does with it."""

    def __init__(self, workspaces: Workspaces, logger: logging.Logger) -> None:
        self._workspaces = workspaces
        self._logger = logger

    @property
    def logger(self) -> logging.Logger:
        return self._logger

    async def async_save(self, installation: SdkInstallation) -> None:
        try:
            await self._workspaces.save(self._ours(installation))
        except StoreUnavailable as problem:
            raise BoltError(str(problem)) from None

    def _ours(self, installation: SdkInstallation) -> Installation:
        return Installation(
            workspace="" if installation.is_enterprise_install else installation.team_id or "",
            enterprise=installation.enterprise_id or "",
            token=Private(installation.bot_token or ""),
            bot_user=installation.bot_user_id or "",
            bot=installation.bot_id or "",
            app=installation.app_id or "",
            scopes=tuple(installation.bot_scopes or ()),
            installed_at=installation.installed_at,
        )


class _SignedStates(AsyncOAuthStateStore):
    """``expiry.nonce.signature``. The SDK also compares it with a cookie, so that a link cannot be passed to others."""

    def __init__(self, key: bytes, clock: Clock, logger: logging.Logger) -> None:
        self._key = hashlib.sha256(b"raise-bot slack oauth state\x00" + key).digest()
        self._clock = clock
        self._logger = logger

    @property
    def logger(self) -> logging.Logger:
        return self._logger

    async def async_issue(self, *args: object, **kwargs: object) -> str:
        what = f"{self._clock.now() + _VALID:.0f}.{secrets.token_urlsafe(16)}"
        return f"{what}.{self._signature(what)}"

    async def async_consume(self, state: str) -> bool:
        what, _, signature = state.rpartition(".")
        expiry = what.partition(".")[0]
        right = hmac.compare_digest(signature.encode(), self._signature(what).encode())
        return right and expiry.isdecimal() and self._clock.now() <= float(expiry)

    def _signature(self, what: str) -> str:
        return hmac.new(self._key, what.encode(), hashlib.sha256).hexdigest()
