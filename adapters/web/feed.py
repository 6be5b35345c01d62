"""A short memory of what was shown to whom, so that a page that reloads or reconnects misses nothing.

Everything is numbered: an item that is new or has changed carries the next number, and a page that says which number it
saw last is given what came after. Items vanish ``keep`` seconds after they were put (reads do not extend it), sooner
when nobody has the page open, and soonest when a bound is reached.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from adapters.web.items import Gone, Item, Line, State, View
from bot.clock import Clock, Seconds
from bot.identity import Person, Space

FeedKey: TypeAlias = tuple[Space, Person | None]
"""A space, and the only person who may read the feed; None for what everybody in a channel sees."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Per feed: ``items`` and ``characters``; ``feeds`` in all; seconds an item is kept, and kept with no page open."""

    items: int = 200
    characters: int = 200_000
    feeds: int = 1_000
    keep: Seconds = 4 * 3600.0
    idle: Seconds = 30 * 60.0


@dataclass(slots=True)
class _Feed:
    used_at: Seconds
    items: OrderedDict[str, Item] = field(default_factory=OrderedDict)
    size: int = 0


@dataclass(slots=True, eq=False)
class Watch:
    """One open page. ``stirred`` is set when there may be something new for it, ``over`` when it must end."""

    viewer: Person
    space: Space
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False

    def sees(self, item: Item) -> bool:
        return item.audience == self.viewer or (item.audience is None and item.space == self.space)


class Feeds:
    """All feeds of one server. Used from one event loop only; nothing here waits."""

    def __init__(self, clock: Clock, bounds: Bounds = Bounds()) -> None:
        self._clock = clock
        self._bounds = bounds
        self._feeds: OrderedDict[FeedKey, _Feed] = OrderedDict()
        self._where: dict[str, FeedKey] = {}
        self._thinking: set[tuple[Person, Space]] = set()
        self._watches: set[Watch] = set()
        # Starts at the time in milliseconds, so that numbers still rise after a restart of the server.
        self._number = int(clock.now() * 1000)

    def put(
        self, item_id: str, turn: str, owner: Person, space: Space, view: View, state: State, *, hidden: bool
    ) -> Item:
        """Show something, or show it again in another form under the same id (which keeps its place)."""
        old = self.find(item_id)
        number = self._next()
        item = Item(item_id, turn, owner, space, hidden, view, state, number, number, self._clock.now())
        if old is not None and old.audience == item.audience and old.space == space:
            # Counted, so that pages do not glue the text of a stream begun anew to the old one's.
            item = replace(item, order=old.order, at=old.at, draft=old.draft + 1, chosen=old.chosen)
        elif old is not None:
            self._drop(self._feeds[self._where[item_id]], item_id)
        self._store(item)
        return item

    def change(self, item_id: str, view: View | None = None, state: State | None = None, chosen: str = "") -> None:
        """Change an item in place; one that was dropped or forgotten meanwhile stays so."""
        old = self.find(item_id)
        if old is not None and not isinstance(old.view, Gone):
            self._store(
                replace(
                    old,
                    view=view or old.view,
                    state=state or old.state,
                    chosen=chosen or old.chosen,
                    changed=self._next(),
                )
            )

    def withdraw(self, item_id: str) -> None:
        """Take an item back: its content goes at once, open pages remove it."""
        self.change(item_id, Gone(), State.DONE)

    def find(self, item_id: str) -> Item | None:
        key = self._where.get(item_id)
        return self._feeds[key].items[item_id] if key is not None else None

    def close_questions(self, person: Person, space: Space) -> None:
        """Open questions to a person in a space have been answered or passed over."""
        waiting = [item for item in self._readable(person, space) if item.owner == person and item.state is State.OPEN]
        for item in waiting:
            self.change(item.id, state=State.CLOSED)

    def read(self, viewer: Person, space: Space, after: int) -> list[Item]:
        """What ``viewer`` may see in ``space`` and has changed after number ``after``, in order of change."""
        fresh = [item for item in self._readable(viewer, space) if item.changed > after]
        return sorted(fresh, key=lambda item: item.changed)

    def latest(self, viewer: Person, space: Space) -> int:
        """The place (``order``) of the last thing the bot said to ``viewer`` in a space, 0 when there is none."""
        said = (i for i in self._readable(viewer, space) if i.owner == viewer and not isinstance(i.view, Line | Gone))
        return max((item.order for item in said), default=0)

    def think(self, person: Person, space: Space, active: bool) -> None:
        """Whether the bot is at work for a person; shown to nobody else."""
        if active:
            self._thinking.add((person, space))
        else:
            self._thinking.discard((person, space))
        self._stir_person(person)

    def thinking(self, person: Person, space: Space) -> bool:
        return (person, space) in self._thinking

    @contextmanager
    def watch(self, viewer: Person, space: Space) -> Iterator[Watch]:
        """Be told of changes for as long as the page is open."""
        watch = Watch(viewer, space)
        self._watches.add(watch)
        try:
            yield watch
        finally:
            self._watches.discard(watch)
            for key in ((space, None), (space, viewer)):
                if key in self._feeds:
                    self._feeds[key].used_at = self._clock.now()

    def watching(self, viewer: Person) -> int:
        """How many pages of a person are open."""
        return sum(watch.viewer == viewer for watch in self._watches)

    def erase(self, person: Person) -> int:
        """Forget everything a person said or was told; returns how many items that was. Idempotent."""
        theirs = [
            item.id
            for feed in self._feeds.values()
            for item in feed.items.values()
            if item.owner == person and not isinstance(item.view, Gone)
        ]
        for item_id in theirs:
            self.withdraw(item_id)
        return len(theirs)

    def sweep(self) -> int:
        """Drop what is past its time; returns how many items went. To be called about once a minute."""
        now, dropped = self._clock.now(), 0
        for key, feed in list(self._feeds.items()):
            idle = now - feed.used_at >= self._bounds.idle and not self._open(key)
            old = [item.id for item in feed.items.values() if idle or now - item.at >= self._bounds.keep]
            for item_id in old:
                self._drop(feed, item_id)
            if not feed.items:
                del self._feeds[key]
            dropped += len(old)
        return dropped

    def close(self) -> None:
        """End every open page; they reconnect when the server is back."""
        for watch in self._watches:
            watch.over = True
            watch.stirred.set()

    def _readable(self, viewer: Person, space: Space) -> Iterator[Item]:
        now = self._clock.now()
        for key in ((space, None), (space, viewer)):
            feed = self._feeds.get(key)
            if feed is not None:
                yield from (item for item in feed.items.values() if now - item.at < self._bounds.keep)

    def _store(self, item: Item) -> None:
        key = (item.space, item.audience)
        feed = self._feeds.get(key)
        if feed is None:
            feed = self._feeds[key] = _Feed(self._clock.now())
        old = feed.items.get(item.id)
        feed.size += item.size - (old.size if old else 0)
        feed.items[item.id] = item
        feed.used_at = self._clock.now()
        self._feeds.move_to_end(key)
        self._where[item.id] = key
        self._trim(feed)
        for watch in self._watches:
            if watch.sees(item) or watch.viewer == item.owner:
                watch.stirred.set()

    def _trim(self, feed: _Feed) -> None:
        while len(feed.items) > 1 and (len(feed.items) > self._bounds.items or feed.size > self._bounds.characters):
            self._drop(feed, next(iter(feed.items)))
        while len(self._feeds) > self._bounds.feeds:
            _, stalest = self._feeds.popitem(last=False)
            for item_id in stalest.items:
                del self._where[item_id]

    def _drop(self, feed: _Feed, item_id: str) -> None:
        feed.size -= feed.items.pop(item_id).size
        del self._where[item_id]

    def _open(self, key: FeedKey) -> bool:
        space, audience = key
        return any(watch.space == space and audience in (None, watch.viewer) for watch in self._watches)

    def _stir_person(self, person: Person) -> None:
        for watch in self._watches:
            if watch.viewer == person:
                watch.stirred.set()

    def _next(self) -> int:
        self._number += 1
        return self._number
