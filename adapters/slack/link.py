"""Socket Mode: the SDK's client, with a way back that does not give up.

The SDK tries a new connection with the address it was given before, at a fixed pace, for ever; an address works once.
Here every try asks for a new one, and the pauses grow up to half a minute.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import aiohttp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.limits import Sleep
from bot.clock import Seconds
from bot.private import Private

_LOG = logging.getLogger(__name__)
Answer = Mapping[str, object] | None
Handle = Callable[[Mapping[str, object]], Awaitable[Answer]]
"""``handle(payload)``: the body to acknowledge with; raises NotNow when the envelope must not be acknowledged."""
_FIRST_PAUSE: Final[Seconds] = 0.5
_LONGEST_PAUSE: Final[Seconds] = 30.0
_TRY: Final[Seconds] = 15.0
_GOODBYE: Final[Seconds] = 2.0


class NotNow(Exception):  # noqa: N818 - said by a handler: do not acknowledge
    """The event could not be claimed; Slack sends it again."""


class Link(SocketModeClient):
    """One connection. ``connect`` returns when it stands, however long that takes."""

    def __init__(
        self,
        app_token: Private[str],
        client: AsyncWebClient,
        handle: Handle,
        logger: logging.Logger,
        ping_interval: Seconds = 10.0,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(app_token=app_token.reveal(), web_client=client, logger=logger, ping_interval=ping_interval)
        self._handle = handle
        self._sleep = sleep
        self.socket_mode_request_listeners.append(self._on_request)
        self.losses = 0
        """How many tries to connect have failed in a row."""

    async def connect(self) -> None:
        pause = _FIRST_PAUSE
        while not self.closed:
            try:
                await asyncio.wait_for(self._connect_once(), timeout=min(_TRY, 1.5 * self.ping_interval))
            except TimeoutError:
                self.losses += 1
            else:
                self.losses = 0
                return
            self.wss_uri = None
            _LOG.warning("Slack cannot be reached by Socket Mode: %s tries; the next in %.1f s", self.losses, pause)
            await self._sleep(pause * (0.5 + random.random() / 2))
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def close(self) -> None:
        """Does not wait long for Slack to say goodbye."""
        try:
            await asyncio.wait_for(self._close_politely(), _GOODBYE)
        except (TimeoutError, ConnectionError, aiohttp.ClientError):
            _LOG.info("the connection to Slack was dropped without a goodbye")
        finally:
            for task in (self.message_processor, self.current_session_monitor, self.message_receiver):
                if task is not None:
                    task.cancel()
            await self.aiohttp_client_session.close()

    async def _close_politely(self) -> None:
        await super().close()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped

    async def _connect_once(self) -> None:
        await super().connect()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped

    async def _on_request(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        try:
            body = await self._handle(request.payload)
        except NotNow:
            return
        payload = dict(body) if body else None
        try:
            await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload))
        except (ConnectionError, aiohttp.ClientError):
            _LOG.info("an acknowledgement did not get through; Slack sends the event again")
