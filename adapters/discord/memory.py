"""What the adapter keeps beside the core, for one process: it goes with the process. In a deployment that keeps things,
the SQL stores take these places, and several processes share them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from cachetools import LRUCache, TLRUCache

from bot.chat import Outbound
from bot.chat.bookmarks import Bookmark
from bot.clock import Clock, Seconds
from bot.identity import Person

_ENVELOPES: Final = 10_000
_KEEP: Final = 50_000


class MemoryEnvelopes:
    """:class:`bot.chat.envelopes.Envelopes` in memory."""

    def __init__(self, clock: Clock) -> None:
        self._kept: TLRUCache[str, tuple[Outbound, Seconds]] = TLRUCache(
            _ENVELOPES, lambda _key, value, _now: value[1], timer=clock.now
        )

    async def keep(self, key: str, message: Outbound, until: Seconds) -> None:
        self._kept[key] = (message, until)

    async def find(self, key: str) -> Outbound | None:
        found = self._kept.get(key)
        return found[0] if found is not None else None

    async def erase(self, person: Person) -> int:
        self._kept.expire()
        theirs = [key for key, (message, _) in self._kept.items() if message.to == person]
        return sum(self._kept.pop(key, None) is not None for key in theirs)


class MemoryBookmarks:
    """:class:`bot.chat.bookmarks.Bookmarks` in memory: enough for sessions that Discord gave up, not for a process that
    died."""

    def __init__(self) -> None:
        self._kept: LRUCache[str, Bookmark] = LRUCache(_KEEP)

    async def mark(self, bookmark: Bookmark) -> None:
        known = self._kept.get(bookmark.channel)
        if known is None or known.at <= bookmark.at:
            self._kept[bookmark.channel] = bookmark

    async def meet(self, bookmark: Bookmark) -> None:
        self._kept.setdefault(bookmark.channel, bookmark)

    async def of(self, channel: str) -> Bookmark | None:
        return self._kept.get(channel)

    async def since(self, at: Seconds, limit: int) -> Sequence[Bookmark]:
        later = [each for each in self._kept.values() if each.at > at]
        return sorted(later, key=lambda each: each.at, reverse=True)[:limit]

    async def forget(self, person: Person) -> int:
        return self._drop([each for each in self._kept.values() if each.person == person])

    async def leave(self, workspace: str) -> int:
        theirs = [each for each in self._kept.values() if each.workspace == workspace and each.person is None]
        return self._drop(theirs)

    def _drop(self, some: Sequence[Bookmark]) -> int:
        return sum(self._kept.pop(each.channel, None) is not None for each in some)


class MemoryLocales:
    """:class:`bot.chat.locales.Locales` in memory. ``keep`` in seconds, as long as there is room."""

    def __init__(self, keep: Seconds) -> None:
        self._keep = keep
        self._kept: LRUCache[Person, tuple[str, Seconds]] = LRUCache(_KEEP)

    async def learn(self, person: Person, locale: str, now: Seconds) -> None:
        self._kept[person] = (locale, now)

    async def of(self, person: Person, now: Seconds) -> str | None:
        locale, learned_at = self._kept.get(person, (None, now))
        return locale if learned_at > now - self._keep else None

    async def forget(self, person: Person) -> int:
        return int(self._kept.pop(person, None) is not None)


class MemoryWorkspaces:
    """:class:`bot.chat.workspaces.Workspaces` in memory."""

    def __init__(self) -> None:
        self._joined: set[tuple[str, str]] = set()

    async def joined(self, app: str) -> frozenset[str]:
        return frozenset(workspace for known, workspace in self._joined if known == app)

    async def join(self, app: str, workspaces: Iterable[str]) -> None:
        self._joined.update((app, each) for each in workspaces)

    async def leave(self, app: str, workspace: str) -> None:
        self._joined.discard((app, workspace))


class MemoryRegistrations:
    """:class:`bot.chat.workspaces.Registrations` in memory: the commands are told again at every start."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}

    async def told(self, app: str) -> str:
        return self._told.get(app, "")

    async def remember(self, app: str, digest: str) -> None:
        self._told[app] = digest
