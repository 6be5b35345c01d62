"""Events by HTTP: who knocks is checked before anything is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import parse_qs

from aiohttp import web
from slack_bolt import BoltResponse
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier

from adapters.slack.ears import Count
from adapters.slack.nodes import read_json
from bot.clock import Clock
from bot.private import Private

Dispatch = Callable[[Mapping[str, object]], Awaitable[BoltResponse]]
PATH: Final = "/slack/events"
_NO_RETRY: Final = {"X-Slack-No-Retry": "1"}


class _Time(SignatureClock):
    """The SDK's clock, told by ours."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now()


class HttpDoor:
    """One endpoint for events, buttons, modals and commands.

    A signature must be right and at most five minutes old
    (https://docs.slack.dev/authentication/verifying-requests-from-slack)."""

    def __init__(self, secret: Private[str], dispatch: Dispatch, count: Callable[[Count], None], clock: Clock) -> None:
        self._verifier = SignatureVerifier(secret.reveal(), clock=_Time(clock))
        self._dispatch = dispatch
        self._count = count

    async def handle(self, request: web.Request) -> web.Response:
        """401 for a forged or stale signature, 400 for what cannot be read, 503 for what cannot be claimed now."""
        raw = await request.read()
        if not self._signed(raw, request.headers):
            self._count(Count.FORGED)
            return web.json_response({"error": "invalid signature"}, status=401)
        body = read_body(raw, request.content_type)
        if body is None:
            self._count(Count.MALFORMED)
            return web.json_response({"error": "expected a Slack payload"}, status=400, headers=_NO_RETRY)
        return await to_aiohttp_response(await self._dispatch(body))

    def _signed(self, raw: bytes, headers: Mapping[str, str]) -> bool:
        stamp, signature = headers.get("X-Slack-Request-Timestamp", ""), headers.get("X-Slack-Signature", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 13 and signature.isascii()):
            return False
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            return False
        return self._verifier.is_valid(text, stamp, signature)


def read_body(raw: bytes, content_type: str) -> Mapping[str, object] | None:
    """JSON, a form with JSON in ``payload``, or a form (slash commands); None for anything else."""
    text = raw.decode()
    if content_type != "application/x-www-form-urlencoded":
        return read_json(text)
    try:
        fields = {
            name: values[0] for name, values in parse_qs(text, keep_blank_values=True, max_num_fields=200).items()
        }
    except ValueError:
        return None
    if "payload" in fields:
        return read_json(fields["payload"])
    return fields or None
