"""How Slack reaches the app: over Socket Mode or by HTTP, and again when it hears no acknowledgement."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlencode

import aiohttp

from tests.support.slack.model import SECRET, Json
from tests.support.slack.server import Server

PATIENCE = 3.0


class NotAcknowledged(Exception):  # noqa: N818 - the name says what happened
    """No acknowledgement in time, or another answer than 200."""


class Door(Protocol):
    async def knock(self, kind: str, payload: Json, retry: int = 0) -> Json:
        """Deliver once; the payload of the acknowledgement. Raises NotAcknowledged."""
        ...


class SocketDoor:
    def __init__(self, server: Server, process: str = "p0", patience: float = PATIENCE) -> None:
        self.server = server
        self.process = process
        self.patience = patience

    async def knock(self, kind: str, payload: Json, retry: int = 0) -> Json:
        envelope: Json = {
            "type": kind,
            "envelope_id": f"e{self.server.workspace.number()}",
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if retry:
            envelope |= {"retry_attempt": retry, "retry_reason": "timeout"}
        try:
            async with asyncio.timeout(self.patience):
                return await (await self.server.send(envelope, self.process))
        except (TimeoutError, ConnectionError):
            raise NotAcknowledged(kind) from None


class HttpDoor:
    """``url`` of the app's endpoint."""

    def __init__(
        self, url: str, session: aiohttp.ClientSession, now: Callable[[], float] = time.time, patience: float = PATIENCE
    ) -> None:
        self.url = url
        self.now = now
        self.session = session
        self.patience = patience

    async def knock(self, kind: str, payload: Json, retry: int = 0) -> Json:
        if self.session.closed:
            raise NotAcknowledged("nobody is there")
        body, content_type = encode(kind, payload)
        headers = {**sign(body, at=self.now()), "Content-Type": content_type}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        timeout = aiohttp.ClientTimeout(total=self.patience)
        try:
            async with self.session.post(self.url, data=body, headers=headers, timeout=timeout) as answer:
                text = await answer.text()
                if answer.status != 200:
                    raise NotAcknowledged(f"{kind}: {answer.status}")
        except (TimeoutError, aiohttp.ClientError):
            raise NotAcknowledged(kind) from None
        return json.loads(text) if text.startswith("{") else {}


def encode(kind: str, payload: Json) -> tuple[str, str]:
    """The body of a request and its content type."""
    if kind == "events_api":
        return json.dumps(payload), "application/json"
    form = {"payload": json.dumps(payload)} if kind == "interactive" else payload
    return urlencode(form), "application/x-www-form-urlencoded"


def sign(body: str, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


class Post:
    """Slack's postman. Events are delivered up to four times, interactions once."""

    def __init__(self, door: Door, pause: float = 0.02) -> None:
        self.door = door
        self.pause = pause

    async def event(self, payload: Json) -> bool:
        """Whether it was acknowledged at last."""
        for retry in range(4):
            try:
                await self.door.knock("events_api", payload, retry)
            except NotAcknowledged:
                await asyncio.sleep(self.pause)
            else:
                return True
        return False

    async def interaction(self, payload: Json, kind: str = "interactive") -> Json:
        return await self.door.knock(kind, payload)
