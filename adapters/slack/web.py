"""Calling the Web API: refusals sorted, lanes respected."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.limits import Lanes, SlowDown
from adapters.slack.nodes import Node, child, text
from bot.clock import Seconds
from bot.errors import PlatformError

_PASSING: Final = frozenset(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited", "rate_limited"}
)
_DEAD_TOKENS: Final = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "org_login_required"}
)
_DEFAULT_WAIT: Final[Seconds] = 30.0


class Refused(PlatformError):  # noqa: N818 - the name says what happened
    """Slack did not do it. ``error`` is Slack's word; ``permanent``: trying again will not help; ``unclear``: it may
    have been done all the same (the connection broke)."""

    def __init__(self, method: str, error: str, *, permanent: bool = True, unclear: bool = False) -> None:
        super().__init__(f"Slack refused {method}: {error}")
        self.error = error
        self.permanent = permanent
        self.unclear = unclear

    @property
    def dead_token(self) -> bool:
        return self.error in _DEAD_TOKENS


@dataclass(frozen=True, slots=True)
class Place:
    """Where to post: ``root`` begins the thread, empty for none. ``token`` belongs to the installation."""

    workspace: str
    token: str
    channel: str
    root: str = ""

    @property
    def lane(self) -> str:
        return f"{self.workspace}/{self.channel}"


class Web:
    """Runs calls in their lanes."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self.over = False
        """Set once the app has stopped: what still wants to be sent is left for the next process."""

    async def in_channel(
        self, place: Place, method: str, call: Callable[[], Awaitable[AsyncSlackResponse]], *, cost: int = 1
    ) -> Node:
        try:
            response = await self._lanes.run(place.lane, lambda: self.once(method, call), cost=cost)
        except SlowDown as slow:
            raise Refused(method, "ratelimited", permanent=False) from slow
        return child(response.data)

    async def beside(
        self,
        workspace: str,
        method: str,
        call: Callable[[], Awaitable[AsyncSlackResponse]],
        *,
        patience: Seconds | None = None,
    ) -> Node:
        try:
            response = await self._lanes.beside(f"{workspace}/{method}", lambda: self.once(method, call), patience)
        except SlowDown as slow:
            raise Refused(method, "ratelimited", permanent=False) from slow
        return child(response.data)

    async def once(self, method: str, call: Callable[[], Awaitable[AsyncSlackResponse]]) -> AsyncSlackResponse:
        if self.over:
            raise Refused(method, "the app has stopped", permanent=False)
        try:
            return await call()
        except SlackApiError as error:
            raise _sorted(method, error) from None
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Refused(method, type(error).__name__, permanent=False, unclear=True) from None


def _sorted(method: str, failure: SlackApiError) -> PlatformError:
    response = failure.response
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)
    if status == 429:
        return SlowDown(_retry_after(response))
    if not isinstance(response, AsyncSlackResponse) or not isinstance(response.data, Mapping):
        return Refused(method, f"an answer that is no JSON (HTTP {status})", permanent=False, unclear=True)
    error = text(response.data, "error") or f"HTTP {status}"
    broken = status >= 500
    return Refused(method, error, permanent=error not in _PASSING and not broken, unclear=broken)


def _retry_after(response: object) -> Seconds:
    headers = getattr(response, "headers", {})
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    try:
        return max(0.0, float(value))
    except ValueError:
        return _DEFAULT_WAIT
