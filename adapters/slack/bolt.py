"""Bolt, set up for this adapter: whose token, no middleware twice, and one listener for everything.

Bolt looks through its listeners one after another; a single middleware at the end that answers every request is the
fastest there is, and keeps what happens with an event in one place (:mod:`adapters.slack.front`).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.ears import Count
from adapters.slack.front import Front
from adapters.slack.nodes import child
from adapters.slack.removals import Uninstalled
from adapters.slack.shapes import Skipped, read
from adapters.slack.workspaces import Workspaces
from bot.chat.installations import Installation
from bot.errors import RaiseBotError, StoreUnavailable

_LOG = logging.getLogger(__name__)
_INSTALLATION: Final = "installation"


def sdk_logger() -> logging.Logger:
    """For the SDK: its lower levels print whole requests, that is, what people wrote, and tracebacks may quote them."""
    logger = logging.getLogger("adapters.slack.sdk")
    logger.setLevel(logging.WARNING)
    if not logger.filters:
        logger.addFilter(_one_line)
    return logger


def _one_line(record: logging.LogRecord) -> bool:
    record.exc_info, record.exc_text = None, None
    return True


class _Authorize(AsyncAuthorize):
    """Finds the installation once, for Bolt and for the listener. Never raises: Bolt's own handling of errors looks
    into payloads and trips over strange ones."""

    def __init__(self, workspaces: Workspaces) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
        self._workspaces = workspaces

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        actor_enterprise_id: str | None = None,
        actor_team_id: str | None = None,
        actor_user_id: str | None = None,
    ) -> AuthorizeResult | None:
        try:
            found = await self._workspaces.find(team_id or "", enterprise_id or "")
        except StoreUnavailable:
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)
        if found is None:
            return None
        context[_INSTALLATION] = found
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=found.bot_user,
            bot_id=found.bot,
            bot_token=found.token.reveal(),
        )


class _Everything(AsyncMiddleware):
    """The one listener."""

    def __init__(self, front: Front, count: Callable[[Count], None]) -> None:
        self._front = front
        self._count = count

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002
    ) -> BoltResponse:
        try:
            return await self._answer(req)
        except StoreUnavailable:
            return BoltResponse(status=503, body="")
        except Exception as error:  # noqa: BLE001 - whatever it was, Slack is told to send the event again
            self._count(Count.FAILED)
            trace = isinstance(error, RaiseBotError)  # other errors may quote what a person wrote
            _LOG.error("an event of Slack could not be handled: %s", type(error).__name__, exc_info=trace)
            return BoltResponse(status=500, body="")

    async def _answer(self, request: AsyncBoltRequest) -> BoltResponse:
        installation: Installation | None = request.context.get(_INSTALLATION)
        event = read(request.body, installation.bot_user if installation else "")
        if isinstance(event, Uninstalled):
            return await self._front.gone(event)
        if isinstance(event, Skipped):
            return self._front.skip(event)
        if installation is None:
            raise StoreUnavailable("which workspace this is cannot be looked up now")
        return await self._front.handle(event, installation)


def bolt_app(client: AsyncWebClient, workspaces: Workspaces, front: Front, count: Callable[[Count], None]) -> AsyncApp:
    """Signatures are checked before Bolt sees a request (:mod:`adapters.slack.http`)."""
    app = AsyncApp(
        name="raise-bot",
        logger=sdk_logger(),
        client=client,
        authorize=_Authorize(workspaces),  # type: ignore[arg-type]  # an AsyncAuthorize is taken as it is
        process_before_response=True,
        request_verification_enabled=False,
        ignoring_self_events_enabled=False,
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    app.middleware(_Everything(front, count))
    return app


def well_formed(body: object) -> bool:
    """Whether Bolt can look at it without tripping: an object whose parts are objects where Bolt expects them."""
    if not isinstance(body, Mapping):
        return False
    objects = ("event",) if body.get("type") == "event_callback" else ("user", "view", "container")
    for name in objects:
        if name in body and not isinstance(body[name], Mapping | None):
            return False
    if body.get("type") == "event_callback" and not child(body, "event"):
        return False
    authorizations = body.get("authorizations")
    if authorizations is None:
        return True
    return isinstance(authorizations, list) and all(isinstance(each, Mapping) for each in authorizations)
