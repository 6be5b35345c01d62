"""The test workspace on a socket: Web API, Socket Mode, response URLs, and everything that can go wrong with them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.support.slack.methods import METHODS
from tests.support.slack.model import APP, APP_TOKEN, Call, Fault, Json, SlackError, Workspace


class Server:
    """``base(process)`` is the base URL of the Web API for one process of the bot; ``kill(process)`` makes that process
    as good as dead: nothing it does from then on has any effect."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.links: list[tuple[str, web.WebSocketResponse]] = []
        self.acks: dict[str, asyncio.Future[Json]] = {}
        self.opened = 0
        self.refuse_links = 0
        self._dead: set[str] = set()
        self._address = ""

    def base(self, process: str = "p0") -> str:
        return f"http://{self._address}/{process}/api/"

    def kill(self, process: str) -> None:
        self._dead.add(process)

    async def hang_up(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to come back, as Slack does now and then."""
        for _, link in self.links:
            if not link.closed:
                await link.send_json({"type": "disconnect", "reason": reason})

    async def cut_links(self) -> None:
        for _, link in self.links:
            await link.close(code=1011)

    async def linked(self, process: str = "p0") -> web.WebSocketResponse:
        """A connection of a process, once there is one."""
        link: web.WebSocketResponse = await self.workspace.until(lambda: self._live(process))
        return link

    def _live(self, process: str) -> web.WebSocketResponse | None:
        return next((link for owner, link in reversed(self.links) if owner == process and not link.closed), None)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Server]:
        app = web.Application(client_max_size=16 * 2**20)
        app.router.add_route("*", "/{process}/api/{method}", self._api)
        app.router.add_post("/{process}/api/upload/{file}", self._upload)
        app.router.add_get("/{process}/link", self._link)
        app.router.add_post("/response/{user}/{channel}/{ts}", self._response)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self._address = f"{host}:{port}"
        try:
            yield self
        finally:
            await runner.cleanup()

    def response_url(self, user: str, channel: str, ts: str) -> str:
        return f"http://{self._address}/response/{user}/{channel}/{ts}"

    # -- Web API ---------------------------------------------------------------------------------------------------

    async def _api(self, request: web.Request) -> web.StreamResponse:
        process, method = request.match_info["process"], request.match_info["method"]
        if process in self._dead:
            return _cut(request)
        args = await _args(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.workspace.calls.append(Call(process, method, args, token))
        fault = self._fault(method, args)
        if fault is not None and fault.retry_after is not None:
            headers = {"Retry-After": str(fault.retry_after)}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        if fault is not None and fault.cut == "before":
            return _cut(request)
        try:
            if fault is not None and fault.error:
                self._end_stream(fault, args)
                raise SlackError(fault.error)
            answer = {"ok": True, **self._call(process, method, args, token)}
        except SlackError as error:
            answer = {"ok": False, "error": str(error)}
        await self.workspace.stir()
        if fault is not None and fault.cut == "after":
            return _cut(request)
        scopes = ",".join(self.workspace.tokens.get(token, ()))
        return web.json_response(answer, headers={"x-oauth-scopes": scopes})

    def _call(self, process: str, method: str, args: Json, token: str) -> Json:
        if method == "apps.connections.open":
            return self._open(process, token)
        if method not in METHODS:
            raise SlackError("unknown_method")
        if method != "oauth.v2.access" and token not in self.workspace.tokens:
            raise SlackError("token_revoked" if token.startswith("xoxb-") else "invalid_auth")
        return METHODS[method](self.workspace, {**args, "base": self.base(process)}, token)

    def _open(self, process: str, token: str) -> Json:
        if token != APP_TOKEN:
            raise SlackError("invalid_auth")
        if self.refuse_links > 0:
            self.refuse_links -= 1
            raise SlackError("internal_error")
        self.opened += 1
        return {"url": f"ws://{self._address}/{process}/link?ticket={self.opened}"}

    def _fault(self, method: str, args: Json) -> Fault | None:
        for fault in self.workspace.faults:
            fits = fault.method in (method, "*") and fault.channel in ("", args.get("channel"))
            if fits and fault.times > 0:
                fault.times -= 1
                return fault
        return None

    def _end_stream(self, fault: Fault, args: Json) -> None:
        post = self.workspace.find(args.get("channel", ""), args.get("ts", ""))
        if fault.error == "message_not_in_streaming_state" and post is not None:
            post.stream = "ended"

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        file = self.workspace.uploads[request.match_info["file"]]
        file["content"] = (await request.read()).decode()
        return web.Response(text="OK")

    async def _response(self, request: web.Request) -> web.StreamResponse:
        """A response URL: a line for one person, or in place of the message it came from."""
        place, note = request.match_info, await request.json()
        whispers = self.workspace.whispers
        if note.get("replace_original"):
            whispers[:] = [each for each in whispers if each.ts != place["ts"]]
        METHODS["chat.postEphemeral"](
            self.workspace, {"channel": place["channel"], "user": place["user"], "text": note["text"]}, ""
        )
        await self.workspace.stir()
        return web.Response(text="ok")

    # -- Socket Mode -----------------------------------------------------------------------------------------------

    async def _link(self, request: web.Request) -> web.StreamResponse:
        process = request.match_info["process"]
        if process in self._dead:
            return _cut(request)
        link = web.WebSocketResponse(timeout=0.1)
        await link.prepare(request)
        await link.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": APP}})
        self.links.append((process, link))
        await self.workspace.stir()
        async for message in link:
            if process in self._dead:
                break
            ack = json.loads(message.data)
            waiting = self.acks.pop(ack["envelope_id"], None)
            if waiting is not None and not waiting.done():
                waiting.set_result(ack.get("payload") or {})
        return link

    async def send(self, envelope: Json, process: str = "p0") -> asyncio.Future[Json]:
        """One envelope over a live connection; the future holds the payload of its acknowledgement."""
        link = await self.linked(process)
        acked = self.acks.setdefault(envelope["envelope_id"], asyncio.get_running_loop().create_future())
        if process not in self._dead:
            await link.send_json(envelope)
        return acked


async def _args(request: web.Request) -> Json:
    args: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        body = await request.read()
        return {**args, **(json.loads(body) if body else {})}
    return {**args, **dict(await request.post())}


def _cut(request: web.Request) -> web.StreamResponse:
    """The connection breaks without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
