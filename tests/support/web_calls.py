"""Calls a chat page makes to its endpoints, and what it is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aiohttp

from tests.support.site import Site

Sent = dict[str, Any]


async def post(
    browser: aiohttp.ClientSession, site: Site, path: str, headers: dict[str, str] | None = None, **body: object
) -> tuple[int, Sent]:
    message = {"user": "alex", "place": "dm", "id": "e1", **body}
    async with browser.post(f"{site.url}api/{path}", json=message, headers=headers) as answer:
        return answer.status, await answer.json()


async def events(
    browser: aiohttp.ClientSession,
    site: Site,
    user: str,
    place: str = "dm",
    *,
    until: str = "ready",
    after: str = "0",
    at_each: Callable[[], None] = lambda: None,
) -> list[tuple[str, Sent]]:
    """What a page is told, up to and with the first event of this name, kind, state, or "kind state"."""
    told = []
    query = {"user": user, "place": place, "after": after}
    async with browser.get(f"{site.url}api/events", params=query) as stream:
        assert stream.status == 200
        name = ""
        async for line in stream.content:
            if line.startswith(b"event: "):
                name = line[7:].strip().decode()
            elif line.startswith(b"data: "):
                data = json.loads(line[6:])
                told.append((name, data))
                at_each()
                kind, state = data.get("kind"), data.get("state")
                if until in (name, kind, state, f"{kind} {state}"):
                    break
    return told


def items(told: list[tuple[str, Sent]]) -> list[Sent]:
    return [data for name, data in told if name == "item"]
