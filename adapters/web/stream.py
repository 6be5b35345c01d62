"""Server-sent events: what one open page is told, in order, each thing once.

Event names and their data (JSON):

- ``item``: one item in full (see :func:`adapters.web.items.draw`); a page replaces what it shows under that id.
- ``delta``: ``{"id", "at", "text"}``: text to add to a streamed answer whose length so far is ``at`` characters.
- ``thinking``: ``{"active"}``. ``elsewhere``: ``{"place", "latest"}``: the bot spoke to this person in another place.
- ``ready``: everything from before has been sent.

``item`` and ``delta`` carry the number of the change as event id; a page reconnects with the last one it saw.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

from adapters.web.feed import Feeds, Watch
from adapters.web.items import Item, Json, State, draw, place_name
from bot.chat import Answer
from bot.identity import Space

HEARTBEAT_S: Final = 15.0
"""Silence after which a comment is sent, so that proxies keep the connection and a closed page is noticed."""


@dataclass(frozen=True, slots=True)
class Event:
    """``number`` is None for what need not be replayed."""

    name: str
    data: dict[str, Json]
    number: int | None = None

    def encode(self) -> bytes:
        head = f"id: {self.number}\n" if self.number is not None else ""
        return f"{head}event: {self.name}\ndata: {json.dumps(self.data)}\n\n".encode()


class Cursor:
    """How far one page has come. ``collect`` gives what it has not been told yet."""

    def __init__(self, feeds: Feeds, watch: Watch, places: tuple[Space, ...], after: int) -> None:
        self._feeds = feeds
        self._watch = watch
        self._others = tuple(space for space in places if space != watch.space)
        self._after = after
        self._streamed: dict[str, tuple[int, int]] = {}
        self._thinking: bool | None = None
        self._latest: dict[Space, int] = {}
        self._ready = False

    def collect(self) -> Iterator[Event]:
        viewer, space = self._watch.viewer, self._watch.space
        for item in self._feeds.read(viewer, space, self._after):
            self._after = item.changed
            yield self._item(item)
        thinking = self._feeds.thinking(viewer, space)
        if thinking != self._thinking:
            self._thinking = thinking
            yield Event("thinking", {"active": thinking})
        for other in self._others:
            latest = self._feeds.latest(viewer, other)
            if latest != self._latest.get(other, 0):
                self._latest[other] = latest
                yield Event("elsewhere", {"place": place_name(other), "latest": latest})
        if not self._ready:
            self._ready = True
            yield Event("ready", {})

    def _item(self, item: Item) -> Event:
        if item.state is not State.STREAMING or not isinstance(item.view, Answer):
            self._streamed.pop(item.id, None)
            return Event("item", draw(item, self._watch.viewer), item.changed)
        text = item.view.text.reveal()
        draft, shown = self._streamed.get(item.id, (-1, 0))
        self._streamed[item.id] = (item.draft, len(text))
        if draft != item.draft:
            return Event("item", draw(item, self._watch.viewer), item.changed)
        return Event("delta", {"id": item.id, "at": shown, "text": text[shown:]}, item.changed)


async def pump(
    watch: Watch, cursor: Cursor, write: Callable[[bytes], Awaitable[None]], heartbeat: float = HEARTBEAT_S
) -> None:
    """Send what is new until the watch is over; ``write`` ends it too, by raising when the page has gone."""
    while not watch.over:
        watch.stirred.clear()
        for event in cursor.collect():
            await write(event.encode())
        try:
            async with asyncio.timeout(heartbeat):
                await watch.stirred.wait()
        except TimeoutError:
            await write(b": still here\n\n")
