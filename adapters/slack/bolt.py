"""Bolt, set up for this adapter: whose token, no middleware twice, and one listener for everything.

Bolt looks through its listeners one after another; a single middleware at the end that answers every request is the
fastest there is, and keeps what happens with an event in one place (:mod:`adapters.slack.front`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.answers import ack
from adapters.slack.ears import Count
from adapters.slack.front import Front
from adapters.slack.nodes import child
from adapters.slack.shapes import Uninstalled, read
from adapters.slack.workspaces import Workspaces
from bot.chat.installations import Installation
from bot.errors import StoreUnavailable

_LOG = logging.getLogger(__name__)
_INSTALLATION: Final = "installation"
_RETRY: Final = "x-slack-retry-num"


def sdk_logger() -> logging.Logger:
    """For the SDK: its lower levels print whole requests, that is, what people wrote."""
    logger = logging.getLogger("adapters.slack.sdk")
    logger.setLevel(logging.WARNING)
    return logger


class _Authorize(AsyncAuthorize):
    """Finds the installation once, for Bolt and for the listener."""

    def __init__(self, workspaces: Workspaces, ready: Callable[[], bool]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
        self._workspaces = workspaces
        self._ready = ready

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
        found = await self._workspaces.find(team_id or "", enterprise_id or "")
        if found is None:
            if not self._ready():
                raise StoreUnavailable("Slack has not told us yet who we are; events are taken once it has")
            return None
        context[_INSTALLATION] = found
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=found.bot_user,
            bot_id=found.bot,
            bot_token=found.token.reveal(),
        )


def bolt_app(
    client: AsyncWebClient,
    workspaces: Workspaces,
    ready: Callable[[], bool],
    front: Front,
    count: Callable[[Count], None],
) -> AsyncApp:
    """``ready`` says whether an installation that is not found does not exist. Signatures are checked before Bolt sees
    a request (:mod:`adapters.slack.http`)."""
    app = AsyncApp(
        name="raise-bot",
        logger=sdk_logger(),
        client=client,
        authorize=_Authorize(workspaces, ready),  # type: ignore[arg-type]  # an AsyncAuthorize is taken as it is
        process_before_response=True,
        request_verification_enabled=False,
        ignoring_self_events_enabled=False,
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )

    async def everything(request: AsyncBoltRequest, context: AsyncBoltContext) -> BoltResponse:
        installation: Installation | None = context.get(_INSTALLATION)
        event = read(request.body, installation.bot_user if installation else "")
        if isinstance(event, Uninstalled):
            return await front.gone(event)
        if installation is None:
            count(Count.MALFORMED)
            return ack()
        return await front.handle(event, installation, retry=_RETRY in request.headers)

    async def on_error(error: Exception) -> BoltResponse:
        if isinstance(error, StoreUnavailable):
            return BoltResponse(status=503, body="")
        count(Count.FAILED)
        _LOG.error("an event of Slack could not be handled: %s", type(error).__name__, exc_info=error)
        return BoltResponse(status=500, body="")

    app.middleware(everything)
    app.error(on_error)
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
