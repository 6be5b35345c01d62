"""Discord's REST interface: https://discord.com/developers/docs/reference, as far as the bot uses it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from tests.support.discord import payloads
from tests.support.discord.checks import check_message
from tests.support.discord.gateway import Gateway
from tests.support.discord.model import APPLICATION, BOT, TOKEN, Fault, Json, Post, Refusal, World
from tests.support.discord.webhooks import Webhooks

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BASE = "/api/v10"


def answer(data: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    # Exactly this type, without a charset: discord.py compares it.
    kind = {"Content-Type": "application/json", **(headers or {})}
    return web.Response(body=json.dumps(data).encode(), status=status, headers=kind)


async def body_of(request: web.Request) -> Json:
    """JSON, also beside files."""
    if request.content_type == "application/json":
        return dict(await request.json())
    form = await request.post()
    found: Json = json.loads(str(form["payload_json"]))
    files = [each for each in form.values() if isinstance(each, web.FileField)]
    return {**found, "attachments": [{"filename": each.filename, "text": each.file.read().decode()} for each in files]}


class Rest:
    """``shards`` is what Discord recommends. Every token but TOKEN is refused."""

    def __init__(self, world: World, gateway: Gateway, shards: int = 1) -> None:
        self.world = world
        self.gateway = gateway
        self.shards = shards
        self.dead: set[int] = set()
        """Ports of processes that were killed."""
        self._webhooks = Webhooks(world)

    def routes(self) -> list[web.RouteDef]:
        messages = "/channels/{channel}/messages"
        hooks = "/webhooks/{application}/{token}"
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/users/@me", self._me),
            ("POST", "/users/@me/channels", self._open_direct),
            ("GET", "/oauth2/applications/@me", self._application),
            ("PUT", "/applications/{application}/commands", self._register),
            ("GET", "/applications/{application}/commands", self._commands),
            ("GET", "/gateway/bot", self._gateway),
            ("POST", messages, self._send),
            ("GET", messages, self._history),
            ("PATCH", messages + "/{message}", self._edit),
            ("DELETE", messages + "/{message}", self._delete),
            ("PUT", messages + "/{message}/reactions/{emoji}/@me", self._react),
            ("POST", "/channels/{channel}/typing", self._typing),
            ("GET", "/channels/{channel}", self._channel),
            ("GET", "/users/@me/guilds", self._guilds),
            ("GET", "/guilds/{guild}", self._guild),
            ("GET", "/guilds/{guild}/members/{user}", self._member),
            ("POST", "/interactions/{interaction}/{token}/callback", self._webhooks.callback),
            ("POST", hooks, self._webhooks.follow_up),
            ("PATCH", hooks + "/messages/{message}", self._webhooks.edit),
            ("DELETE", hooks + "/messages/{message}", self._webhooks.delete),
        ]
        return [web.route(method, BASE + path, self._guarded(handler)) for method, path, handler in table]

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            path = request.path.removeprefix(BASE)
            self.world.requests.append(f"{request.method} {path}")
            self.world.touch()
            fault = self._fault(f"{request.method} {path}")
            if port_of(request) in self.dead or (fault is not None and fault.cut == "before"):
                _cut(request)
            if fault is not None and fault.retry_after is not None:
                limited = {"message": "You are being rate limited.", "retry_after": fault.retry_after, "global": False}
                return answer(limited, 429, {"Via": "1.1 google", "Retry-After": "1"})
            if fault is not None and fault.status:
                return answer({"message": "refused", "code": fault.code}, fault.status)
            authorised = path.startswith(("/interactions", "/webhooks")) or (
                request.headers.get("Authorization") == f"Bot {TOKEN}"
            )
            if not authorised:
                return answer({"message": "401: Unauthorized", "code": 0}, 401)
            try:
                done = await handler(request)
                await self.gateway.tell_own()
            except Refusal as refusal:
                return answer({"message": refusal.message, "code": refusal.code}, refusal.status)
            if port_of(request) in self.dead or (fault is not None and fault.cut == "after"):
                _cut(request)
            return done

        return guarded

    def _fault(self, what: str) -> Fault | None:
        found = next((each for each in self.world.faults if each.match in what), None)
        if found is not None:
            found.times -= 1
            if not found.times:
                self.world.faults.remove(found)
        return found

    # -- who we are ------------------------------------------------------------------------------------------------

    async def _me(self, request: web.Request) -> web.Response:
        return answer(payloads.user(self.world, BOT))

    async def _application(self, request: web.Request) -> web.Response:
        return answer(payloads.application(self.world))

    async def _gateway(self, request: web.Request) -> web.Response:
        limits = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        return answer({"url": "wss://gateway.discord.gg/", "shards": self.shards, "session_start_limit": limits})

    async def _register(self, request: web.Request) -> web.Response:
        self.world.commands = await request.json()
        self.world.registrations += 1
        self.world.touch()
        return await self._commands(request)

    async def _commands(self, request: web.Request) -> web.Response:
        common = {"version": "1", "description": "", "options": [], "application_id": str(APPLICATION)}
        return answer([{**common, **each, "id": str(n)} for n, each in enumerate(self.world.commands)])

    # -- places ----------------------------------------------------------------------------------------------------

    async def _open_direct(self, request: web.Request) -> web.Response:
        user = int((await request.json())["recipient_id"])
        if user in self.world.deleted_users:
            raise Refusal(400, 10_013, "Unknown User")
        return answer(payloads.channel(self.world, self.world.direct(user)))

    async def _channel(self, request: web.Request) -> web.Response:
        found = self.world.channels.get(int(request.match_info["channel"]))
        if found is None:
            raise Refusal(404, 10_003, "Unknown Channel")
        return answer(payloads.channel(self.world, found))

    async def _guild(self, request: web.Request) -> web.Response:
        number = int(request.match_info["guild"])
        if number not in self.world.guilds:
            raise Refusal(404, 10_004, "Unknown Guild")
        return answer(payloads.guild(self.world, number))

    async def _guilds(self, request: web.Request) -> web.Response:
        """In pages of 200; a server that is unavailable is left out."""
        after = int(request.query.get("after", 0))
        there = [each for each in sorted(self.world.guilds) if each > after and each not in self.world.unavailable]
        found = [payloads.guild(self.world, each) for each in there[:200]]
        return answer([{**each, "owner": False, "permissions": "8"} for each in found])

    async def _member(self, request: web.Request) -> web.Response:
        return answer(payloads.member(self.world, int(request.match_info["user"])))

    async def _typing(self, request: web.Request) -> web.Response:
        self.world.typing.append(int(request.match_info["channel"]))
        self.world.touch()
        return web.Response(status=204)

    # -- messages --------------------------------------------------------------------------------------------------

    async def _send(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        channel = self.world.sendable(int(request.match_info["channel"]))
        check_message(body, fresh=True)
        self.world.mentions_allowed.append(body.get("allowed_mentions"))
        nonce = str(body.get("nonce") or "")
        if body.get("enforce_nonce") and (known := self.world.same_nonce(nonce)) is not None:
            return answer(payloads.message(self.world, known))
        reference = body.get("message_reference") or {}
        post = Post(self.world.snowflake(), channel.id, BOT, body.get("content") or "", nonce=nonce)
        post.components, post.flags = body.get("components") or [], body.get("flags", 0)
        post.reply_to = int(reference.get("message_id", 0))
        post.files = [each["filename"] for each in body.get("attachments", [])]
        self.world.put(post)
        if nonce:
            self.world.remember_nonce(nonce, post.id)
        return answer(payloads.message(self.world, post))

    def _found(self, request: web.Request) -> Post:
        self.world.sendable(int(request.match_info["channel"]))
        post = self.world.posts.get(int(request.match_info["message"]))
        if post is None:
            raise Refusal(404, 10_008, "Unknown Message")
        return post

    async def _edit(self, request: web.Request) -> web.Response:
        post, body = self._found(request), await body_of(request)
        check_message(body, fresh=False)
        change(post, body)
        self.world.touch()
        return answer(payloads.message(self.world, post))

    async def _delete(self, request: web.Request) -> web.Response:
        del self.world.posts[self._found(request).id]
        self.world.touch()
        return web.Response(status=204)

    async def _react(self, request: web.Request) -> web.Response:
        self._found(request).reactions.append(request.match_info["emoji"])
        self.world.touch()
        return web.Response(status=204)

    async def _history(self, request: web.Request) -> web.Response:
        channel = int(request.match_info["channel"])
        self.world.sendable(channel)
        after, limit = int(request.query.get("after", 0)), int(request.query.get("limit", 50))
        before = int(request.query.get("before", 1 << 63))
        theirs = [post for post in self.world.posts.values() if post.channel == channel and not post.only]
        found = sorted((post for post in theirs if after < post.id < before), key=lambda post: post.id)
        some = found[:limit] if after else found[-limit:]
        return answer([payloads.message(self.world, post) for post in reversed(some)])


def change(post: Post, body: Json) -> None:
    """An edit: what is named changes."""
    if body.get("content") is not None:
        post.history.append(post.content)
        post.content = body["content"]
    if "components" in body:
        post.components = body["components"] or []
        post.first = post.first or post.components
    post.flags |= body.get("flags", 0)


def port_of(request: web.Request) -> int:
    """Which process it is: each has a port of its own."""
    assert request.transport is not None
    return int(request.transport.get_extra_info("sockname")[1])


def _cut(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.abort()
    raise ConnectionResetError
