"""The doors of a running app: Socket Mode and HTTP lead to the same dispatch, and close the same way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import web
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.bolt import sdk_logger, well_formed
from adapters.slack.ears import Count
from adapters.slack.http import HttpDoor
from adapters.slack.limits import Sleep
from adapters.slack.link import Answer, Link, NotNow
from adapters.slack.nodes import read_json
from bot.clock import Clock, Seconds
from bot.private import Private

_OK: Final = 200
_BAD: Final = 400


class Running:
    """One per run of the app."""

    def __init__(self, bolt: AsyncApp, count: Callable[[Count], None], clock: Clock, sleep: Sleep) -> None:
        self._bolt = bolt
        self._count = count
        self._clock = clock
        self._sleep = sleep
        self._http: HttpDoor | None = None
        self._link: Link | None = None
        self._busy = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.paused = False
        self._over = False

    # -- Socket Mode -----------------------------------------------------------------------------------------------

    async def connect(self, app_token: Private[str], client: AsyncWebClient, ping_interval: Seconds) -> None:
        """Returns once connected; lost connections are made again from then on."""
        if self._over:
            return
        self._link = Link(app_token, client, self._from_link, sdk_logger(), ping_interval, self._sleep)
        await self._link.connect()

    async def connected(self) -> bool:
        return self._link is not None and await self._link.is_connected()

    async def _from_link(self, payload: Mapping[str, object]) -> Answer:
        if self.paused:
            raise NotNow
        answer = await self._dispatch(payload)
        if answer.status not in (_OK, _BAD):
            raise NotNow
        return read_json(answer.body)

    # -- HTTP ------------------------------------------------------------------------------------------------------

    def open_http(self, secret: Private[str]) -> None:
        self._http = HttpDoor(secret, self._dispatch, self._count, self._clock)

    async def answer_http(self, request: web.Request) -> web.Response:
        if self._http is None or self.paused:
            return web.json_response({"error": "not taking events"}, status=503)
        return await self._http.handle(request)

    # -- both ------------------------------------------------------------------------------------------------------

    async def _dispatch(self, body: Mapping[str, object]) -> BoltResponse:
        if not well_formed(body):
            self._count(Count.MALFORMED)
            return BoltResponse(status=_BAD, body={"error": "expected a Slack payload"})
        self._busy += 1
        self._idle.clear()
        try:
            # The body is read and its sender known: for Bolt that is what it calls Socket Mode.
            return await self._bolt.async_dispatch(AsyncBoltRequest(body=dict(body), mode="socket_mode"))
        finally:
            self._busy -= 1
            if not self._busy:
                self._idle.set()

    async def pause(self, deadline: Seconds) -> None:
        """Take nothing more in; wait for what is on its way to an acknowledgement."""
        self.paused = True
        try:
            async with asyncio.timeout(deadline):
                await self._idle.wait()
        except TimeoutError:
            return
        finally:
            if self._link is not None:
                await self._link.close()

    async def disconnect(self) -> None:
        self._over = True
        if self._link is not None and not self._link.closed:
            await self._link.close()
