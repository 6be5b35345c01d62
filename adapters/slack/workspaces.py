"""Which token speaks in which workspace, and the stores for a bot that lives in one workspace and one process."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from adapters.slack.recent import Recent
from adapters.slack.removals import Uninstalled
from bot.chat.installations import Installation, Installations, home_of
from bot.clock import Clock, Seconds
from bot.errors import StoreUnavailable
from bot.identity import Person

_KEEP: Final[Seconds] = 60.0
"""An installation found is believed for a minute: in a burst the store is not asked for every event."""
_THREADS: Final = 50_000
_PATIENCE: Final[Seconds] = 2.0
"""Waiting longer would miss the 3 s in which an event is acknowledged."""


class Workspaces:
    """Finds installations, remembers them briefly, and learns which workspaces an organisation's one covers."""

    def __init__(self, store: Installations, clock: Clock, *, complete: bool = True) -> None:
        """``complete`` is False while what the store lacks may still come (``introduced`` says that it has)."""
        self._complete = asyncio.Event()
        if complete:
            self._complete.set()
        self._store = store
        self._clock = clock
        self._found: dict[str, tuple[Seconds, Installation]] = {}

    async def find(self, workspace: str, enterprise: str = "") -> Installation | None:
        """``workspace`` may be a person's (``guest@T1``). Raises StoreUnavailable."""
        home = home_of(workspace)
        await self._until_complete()
        believed = self._found.get(home or enterprise)
        if believed is not None and self._clock.now() - believed[0] < _KEEP:
            return believed[1]
        try:
            found = await self._store.find(home, enterprise)
        except StoreUnavailable:
            # Someone may be in need right now: an old answer is better than none.
            if believed is not None:
                return believed[1]
            raise
        if found is None:
            return None
        if home and found.workspace and found.enterprise:
            found = await self._newer(found)
        if home and not found.workspace:
            # Later calls know the workspace alone, so the organisation's installation is kept under it too.
            found = replace(found, workspace=home)
            await self._store.save(found)
        self._found[home or enterprise] = (self._clock.now(), found)
        return found

    def introduced(self) -> None:
        self._complete.set()

    @property
    def complete(self) -> bool:
        return self._complete.is_set()

    async def _until_complete(self) -> None:
        if self._complete.is_set():
            return
        try:
            await asyncio.wait_for(self._complete.wait(), _PATIENCE)
        except TimeoutError:
            raise StoreUnavailable("Slack has not told us yet who we are; it is asked again and again") from None

    async def save(self, installation: Installation) -> None:
        self._found.clear()
        await self._store.save(installation)

    async def leaving(self, removal: Uninstalled) -> tuple[str, ...]:
        """Every workspace that a removal concerns. One workspace may speak for its organisation: where the token is
        the organisation's, it went for all. Raises StoreUnavailable."""
        if not await self._whole(removal):
            return removal.workspaces
        return tuple(dict.fromkeys((*removal.workspaces, *await self._store.workspaces(removal.enterprise))))

    async def remove(self, removal: Uninstalled) -> None:
        """Forget the installations, save those made after the removal: events may come late. Call it with what
        ``leaving`` was called with."""
        self._found.clear()
        enterprise, whole = removal.enterprise, await self._whole(removal)
        for workspace in await self._store.workspaces(enterprise) if whole else removal.workspaces:
            if not self._after(await self._store.find(workspace, ""), removal.at):
                await self._store.remove(workspace, "")
        if whole and not self._after(await self._store.find("", enterprise), removal.at):
            await self._store.remove("", enterprise)

    async def _whole(self, removal: Uninstalled) -> bool:
        """Whether the organisation as a whole is meant."""
        if not removal.workspaces:
            return True
        one = len(removal.workspaces) == 1 and not removal.alone
        return one and await self._speaks_for_all(removal.workspaces[0], removal.enterprise)

    async def _newer(self, own: Installation) -> Installation:
        """The organisation's installation, where it was made anew after the workspace's was noted."""
        whole = await self._store.find("", own.enterprise)
        return whole if whole is not None and whole.installed_at > own.installed_at else own

    async def _speaks_for_all(self, workspace: str, enterprise: str) -> bool:
        whole = await self._store.find("", enterprise) if enterprise else None
        own = await self._store.find(workspace, "")
        return whole is not None and (own is None or own.token == whole.token)

    def _after(self, installation: Installation | None, at: Seconds) -> bool:
        """Slack tells the moment of an event in whole seconds."""
        return installation is not None and 0 < at <= installation.installed_at - 1


class MemoryInstallations:
    """For one workspace with two tokens, and for tests."""

    def __init__(self, *installations: Installation) -> None:
        self._kept = {(each.workspace, each.enterprise): each for each in installations}

    async def save(self, installation: Installation) -> None:
        self._kept[(installation.workspace, installation.enterprise)] = installation

    async def find(self, workspace: str, enterprise: str) -> Installation | None:
        own = (each for each in self._kept.values() if workspace and each.workspace == workspace)
        whole = self._kept.get(("", enterprise)) if enterprise else None
        return next(own, whole)

    async def workspaces(self, enterprise: str) -> tuple[str, ...]:
        theirs = (each for each in self._kept.values() if enterprise and each.enterprise == enterprise)
        return tuple(sorted(each.workspace for each in theirs if each.workspace))

    async def remove(self, workspace: str, enterprise: str) -> int:
        gone = [
            key
            for key in self._kept
            if (key[0] == workspace if workspace else bool(enterprise) and key[1] == enterprise)
        ]
        for key in gone:
            del self._kept[key]
        return len(gone)


class MemoryThreads:
    """Forgets with the process, and the oldest of 50,000."""

    def __init__(self) -> None:
        self._joined: Recent[tuple[Person, str], Seconds] = Recent(_THREADS)

    async def join(self, person: Person, thread: str, now: Seconds) -> None:
        self._joined.put((person, thread), now)

    async def joined(self, person: Person, thread: str) -> bool:
        return (person, thread) in self._joined

    async def leave(self, person: Person) -> int:
        return sum(self._joined.drop(key) for key in self._joined.all() if key[0] == person)
