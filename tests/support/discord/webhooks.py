"""Answers to interactions: the first one within three seconds, further ones by a token for fifteen minutes."""

from __future__ import annotations

from aiohttp import web

from tests.support.discord import payloads
from tests.support.discord.checks import check_message, check_modal
from tests.support.discord.model import BOT, Interaction, Json, Post, Refusal, World

_EPHEMERAL = 64


class Webhooks:
    def __init__(self, world: World) -> None:
        self.world = world

    async def callback(self, request: web.Request) -> web.Response:
        from tests.support.discord.rest import answer, change

        body = await request.json()
        found = self.world.interactions.get(int(request.match_info["interaction"]))
        if found is None or found.token != request.match_info["token"] or self.world.expired(found):
            raise Refusal(404, 10_062, "Unknown interaction")
        if found.state != "open":
            raise Refusal(400, 40_060, "Interaction has already been acknowledged.")
        data: Json = body.get("data") or {}
        found.answer = body
        match body["type"]:
            case 4:
                check_message(data, fresh=True)
                found.original = self._post(found, data).id
                found.state = "answered"
            case 5:
                post = self._post(found, data)
                post.waits = True
                found.original, found.state = post.id, "deferred"
            case 6:
                found.original, found.state = found.message, "answered"
            case 7:
                check_message(data, fresh=False)
                change(self.world.posts[found.message], data)
                found.original, found.state = found.message, "answered"
            case 9:
                check_modal(data)
                found.modal, found.state = data, "modal"
        self.world.touch()
        inner = {"id": str(found.id), "type": found.kind, "response_message_loading": found.state == "deferred"}
        return answer({"interaction": inner, "resource": {"type": body["type"]}})

    async def follow_up(self, request: web.Request) -> web.Response:
        from tests.support.discord.rest import answer, body_of

        found, body = self._of(request), await body_of(request)
        check_message(body, fresh=True)
        self.world.mentions_allowed.append(body.get("allowed_mentions"))
        return answer(payloads.message(self.world, self._post(found, body)))

    async def edit(self, request: web.Request) -> web.Response:
        from tests.support.discord.rest import answer, body_of, change

        post, body = self._message(request), await body_of(request)
        check_message(body, fresh=False)
        change(post, body)
        post.files += [each["filename"] for each in body.get("attachments") or [] if "filename" in each]
        post.waits = False
        self.world.touch()
        return answer(payloads.message(self.world, post))

    async def delete(self, request: web.Request) -> web.Response:
        del self.world.posts[self._message(request).id]
        self.world.touch()
        return web.Response(status=204)

    def _of(self, request: web.Request) -> Interaction:
        token = request.match_info["token"]
        found = next((each for each in self.world.interactions.values() if each.token == token), None)
        if found is None or self.world.expired(found):
            raise Refusal(401, 50_027, "Invalid Webhook Token")
        if found.state in ("open", "modal"):
            raise Refusal(404, 10_015, "Unknown Webhook")
        return found

    def _message(self, request: web.Request) -> Post:
        found, name = self._of(request), request.match_info["message"]
        post = self.world.posts.get(found.original if name == "@original" else int(name))
        if post is None:
            raise Refusal(404, 10_008, "Unknown Message")
        return post

    def _post(self, found: Interaction, data: Json) -> Post:
        flags = data.get("flags", 0)
        post = Post(self.world.snowflake(), found.channel, BOT, data.get("content") or "", interaction=found.id)
        post.components, post.flags = data.get("components") or [], flags & ~_EPHEMERAL
        post.only = found.user if flags & _EPHEMERAL else 0
        post.files = [each["filename"] for each in data.get("attachments") or []]
        return self.world.put(post)
