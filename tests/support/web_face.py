"""The chat page's server as a face: real HTTP requests and server-sent events, on a clock that is moved."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from aiohttp import ClientSession

from adapters.web.limits import Rate
from adapters.web.platform import WebPlatform
from adapters.web.server import Address, WebApp
from bot.assembly.application import Application, application
from bot.clock import ManualClock
from bot.llm import Provider
from bot.profile.erasure import Holding
from bot.settings import Settings
from bot.telemetry.logs import silent
from tests.support.face import Seen
from tests.support.policies import rulebook

PLACES = {"dm": "dm", "channel": "#general"}


class WebFace:
    """``Seen`` is read from the event streams that open pages of this person would get."""

    def __init__(self, app: Application, client: ClientSession, clock: ManualClock) -> None:
        self._app = app
        self._client = client
        self._clock = clock
        self._numbers = count(1)

    async def say(self, user: str, text: str, place: str = "dm", *, event: str | None = None) -> None:
        await self._post("messages", user, PLACES[place], event, text=text)

    async def choose(self, user: str, choice: str) -> None:
        item = next(each for each in reversed(await self._items(user)) if _offers(each, choice))
        await self._post("choices", user, item["place"], None, choice=choice, message=item["id"])

    async def command(self, user: str, words: str) -> None:
        await self._post("messages", user, "dm", None, text=words)

    async def seen(self, user: str) -> list[Seen]:
        return [_seen(item) for item in await self._items(user) if item["kind"] not in ("said", "gone")]

    async def advance(self, seconds: float) -> None:
        self._clock.advance(seconds)

    async def _post(self, path: str, user: str, place: str, event: str | None, **fields: str) -> None:
        self._clock.advance(1)
        body = {"user": user, "place": place, "id": event or f"e{next(self._numbers)}", "locale": "en-US", **fields}
        async with self._client.post(f"/api/{path}", json=body) as response:
            assert response.status == 202, await response.text()
            await self._app.intake.finished((await response.json())["turn"])

    async def _items(self, user: str) -> list[dict[str, Any]]:
        """What this person's pages show in every place, in the order it appeared."""
        items = [item for place in PLACES.values() for item in await self._page(user, place)]
        return sorted((each for each in items if each["person"] == user), key=lambda each: int(each["order"]))

    async def _page(self, user: str, place: str) -> list[dict[str, Any]]:
        shown: dict[str, dict[str, Any]] = {}
        async with self._client.get("/api/events", params={"user": user, "place": place}) as stream:
            name = ""
            async for raw in stream.content:
                line = raw.decode().rstrip("\n")
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: ") and name == "item":
                    item = json.loads(line.removeprefix("data: "))
                    shown[item["id"]] = {**item, "place": place}
                if name == "ready":
                    break
        return list(shown.values())


def _offers(item: dict[str, Any], choice: str) -> bool:
    return any(each["id"] == choice for each in item.get("choices", ()))


def _seen(item: dict[str, Any]) -> Seen:
    private = item["place"] == "dm" or item["hidden"]
    seen: Seen = {"kind": item["kind"], "text": item["text"], "place": "dm" if private else "channel"}
    if item["kind"] == "question":
        seen["attribute"], seen["private"] = item["attribute"], private
    for name in ("choices", "used", "resources"):
        if name in item:
            seen[name] = item[name]  # type: ignore[literal-required]  # each is a key of Seen
    return seen


@asynccontextmanager
async def web_face(*, provider: Provider | None = None) -> AsyncIterator[WebFace]:
    clock = ManualClock()
    platform = WebPlatform(clock)
    async with application(
        Settings(),
        [platform],
        clock=clock,
        telemetry=silent(),
        provider=provider,
        rulebook=rulebook(model_reads=provider is not None),
        also_erased=[Holding("pages", platform)],
    ) as app:
        web = WebApp(platform, app.intake, clock, Address(port=0), rate=Rate(1_000, 1_000))
        url = await web.start()
        try:
            async with ClientSession(url, headers={"Origin": url.rstrip("/")}) as client:
                yield WebFace(app, client, clock)
        finally:
            await web.stop()
