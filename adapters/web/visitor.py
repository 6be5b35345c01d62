"""Somebody who visits the chat page, by the same HTTP requests and event stream as the page itself: for measurements of
the whole bot, where people are made up."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, Self

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.errors import PlatformError

_PLACE: Final = "dm"
_PATIENCE: Final = ClientTimeout(total=None, connect=30.0, sock_read=60.0)


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing the page shows: ``kind`` is ``said``, ``question``, ``answer``, ``crisis``, ``notice`` or ``gone``.
    ``choices`` are ids; ``open``: a question that waits for a reply; ``whole``: not cut off. ``domain`` an
    answer was written for; empty: none."""

    id: str
    kind: str
    text: str
    order: int
    open: bool
    whole: bool
    attribute: str = ""
    choices: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    model: str = ""
    domain: str = ""


class Visitor:
    """Visits the page at ``url`` as anybody. ``finished`` returns when a turn has ended. Use it as ``async with``."""

    def __init__(self, url: str, finished: Callable[[str], Awaitable[None]]) -> None:
        self._url, self._finished = url, finished
        self._numbers = count(1)
        self._client: ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._client = ClientSession(self._url, headers={"Origin": self._url.rstrip("/")}, timeout=_PATIENCE)
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._client is not None:
            await self._client.close()

    async def say(self, user: str, text: str) -> list[Seen]:
        """Write ``text``; what the page shows once the bot has replied. Raises PlatformError."""
        return await self._post("messages", user, {"text": text})

    async def choose(self, user: str, choice: str, message: str) -> list[Seen]:
        """Press ``choice`` of the item ``message``; as above."""
        return await self._post("choices", user, {"choice": choice, "message": message})

    async def _post(self, path: str, user: str, fields: dict[str, str]) -> list[Seen]:
        body = {"user": user, "place": _PLACE, "id": str(next(self._numbers)), "locale": "en", **fields}
        try:
            async with self._session.post(f"/api/{path}", json=body) as response:
                if response.status != 202:
                    raise PlatformError(f"expected the chat page to take a message, it answered {response.status}")
                turn = (await response.json())["turn"]
            await self._finished(turn)
            return await self._page(user)
        except ClientError as problem:
            raise PlatformError(f"the chat page cannot be reached: {type(problem).__name__}") from None

    @property
    def _session(self) -> ClientSession:
        if self._client is None:
            raise RuntimeError("expected an open visitor: use it as a context manager")
        return self._client

    async def _page(self, user: str) -> list[Seen]:
        """What an opened page shows, in order."""
        shown: dict[str, Seen] = {}
        async with self._session.get("/api/events", params={"user": user, "place": _PLACE}) as stream:
            name = ""
            async for raw in stream.content:
                line = raw.decode().rstrip("\n")
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: ") and name == "item":
                    item = _seen(json.loads(line.removeprefix("data: ")))
                    shown[item.id] = item
                if name == "ready":
                    break
        return sorted(shown.values(), key=lambda item: item.order)


def _seen(item: dict[str, Any]) -> Seen:
    return Seen(
        id=item["id"],
        kind=item["kind"],
        text=item.get("text", ""),
        order=item["order"],
        open=item["state"] == "open",
        whole=item["state"] not in ("broken", "streaming"),
        attribute=item.get("attribute", ""),
        choices=tuple(each["id"] for each in item.get("choices", ())),
        used=tuple(item.get("used", ())),
        model=item.get("model", ""),
        domain=item.get("domain") or "",
    )
