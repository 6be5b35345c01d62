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

import aiohttp
from aiohttp import web
from slack_bolt import BoltResponse
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackClientError
from slack_sdk.oauth import OAuthStateUtils
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.models import Installation as SdkInstallation
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.bolt import sdk_logger
from adapters.slack.pages import GUARDS, HTML, Pages, language
from adapters.slack.workspaces import Workspaces
from adapters.speaking import Lines
from bot.chat.installations import Installation
from bot.clock import Clock, Seconds
from bot.errors import StoreUnavailable
from bot.private import Private

_LOG = logging.getLogger(__name__)
INSTALL: Final = "/slack/install"
REDIRECT: Final = "/slack/oauth_redirect"
_VALID: Final[Seconds] = 600.0


@dataclass(frozen=True, slots=True)
class Client:
    """``SLACK_CLIENT_ID`` and ``SLACK_CLIENT_SECRET``; ``redirect`` is the full address of REDIRECT as Slack sees it
    (None: the only one in the app's settings). ``state_keys``: secrets of the deployment, the same in all replicas,
    newest first."""

    id: str
    secret: Private[str]
    redirect: str | None
    state_keys: tuple[bytes, ...]
    scopes: tuple[str, ...]
    api_url: str


class OAuth:
    """Adds two pages to the HTTP server."""

    def __init__(self, client: Client, workspaces: Workspaces, clock: Clock, lines: Lines) -> None:
        logger = sdk_logger()
        self._pages = Pages(lines)
        settings = AsyncOAuthSettings(
            client_id=client.id,
            client_secret=client.secret.reveal(),
            scopes=list(client.scopes),
            redirect_uri=client.redirect,
            installation_store=_Store(workspaces, logger),
            state_store=_SignedStates(client.state_keys, clock, logger),
            callback_options=AsyncCallbackOptions(self._installed, self._failed),
            logger=logger,
        )
        api = AsyncWebClient(base_url=client.api_url, logger=logger, retry_handlers=[])
        self._flow = _Flow(self._pages, client=api, logger=logger, settings=settings)

    def routes(self) -> list[web.RouteDef]:
        return [web.get(INSTALL, self._install), web.get(REDIRECT, self._redirect)]

    async def _install(self, request: web.Request) -> web.StreamResponse:
        return _guarded(await to_aiohttp_response(await self._flow.handle_installation(_bolt(request))))

    async def _redirect(self, request: web.Request) -> web.StreamResponse:
        asked = _bolt(request)
        try:
            answer = await self._flow.handle_callback(asked)
        except (SlackClientError, aiohttp.ClientError, OSError) as problem:  # Slack's refusals are answered by the flow
            _LOG.warning("an installation could not be completed: %s", type(problem).__name__)
            answer = self._failure(asked, "slack_away", 502)
        return _guarded(await to_aiohttp_response(answer))

    async def _installed(self, done: AsyncSuccessArgs) -> BoltResponse:
        made = done.installation
        team = "" if made.is_enterprise_install else made.team_id or ""
        page = self._pages.installed(language(done.request), made.team_name or made.enterprise_name or "", team)
        return _page(200, page)

    async def _failed(self, failure: AsyncFailureArgs) -> BoltResponse:
        return self._failure(failure.request, failure.reason, failure.suggested_status_code)

    def _failure(self, request: AsyncBoltRequest, reason: str, status: int) -> BoltResponse:
        return _page(status, self._pages.failed(language(request), reason, INSTALL))


class _Flow(AsyncOAuthFlow):
    """The SDK's flow with our first page."""

    def __init__(
        self, pages: Pages, *, client: AsyncWebClient, logger: logging.Logger, settings: AsyncOAuthSettings
    ) -> None:
        super().__init__(client=client, logger=logger, settings=settings)
        self._pages = pages

    async def build_install_page_html(self, url: str, request: AsyncBoltRequest) -> str:
        return self._pages.invitation(language(request), url)


def _bolt(request: web.Request) -> AsyncBoltRequest:
    headers: dict[str, str | Sequence[str]] = dict(request.headers)
    return AsyncBoltRequest(body="", query=request.query_string, headers=headers)


def _page(status: int, html: str) -> BoltResponse:
    over = f"{OAuthStateUtils.default_cookie_name}=deleted; Secure; HttpOnly; Path=/; Max-Age=0"
    return BoltResponse(status=status, body=html, headers={"Content-Type": HTML, "Set-Cookie": over})


def _guarded(answer: web.Response) -> web.Response:
    """The addresses of these pages hold secrets: they are kept nowhere and told to nobody."""
    answer.headers.update(GUARDS)
    return answer


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

    def __init__(self, keys: Sequence[bytes], clock: Clock, logger: logging.Logger) -> None:
        self._keys = [hashlib.sha256(b"raise-bot slack oauth state\x00" + key).digest() for key in keys]
        self._clock = clock
        self._logger = logger

    @property
    def logger(self) -> logging.Logger:
        return self._logger

    async def async_issue(self, *args: object, **kwargs: object) -> str:
        what = f"{self._clock.now() + _VALID:.0f}.{secrets.token_urlsafe(16)}"
        return f"{what}.{_signature(self._keys[0], what)}"

    async def async_consume(self, state: str) -> bool:
        what, _, signature = state.rpartition(".")
        expiry = what.partition(".")[0]
        right = (hmac.compare_digest(signature.encode(), _signature(key, what).encode()) for key in self._keys)
        return any(right) and expiry.isdecimal() and self._clock.now() <= float(expiry)


def _signature(key: bytes, what: str) -> str:
    return hmac.new(key, what.encode(), hashlib.sha256).hexdigest()
