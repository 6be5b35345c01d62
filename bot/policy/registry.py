"""The policy in force: one checked snapshot at a time, replaced whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from bot.errors import RaiseBotError
from bot.policy.diagnostics import BrokenPolicy, Diagnostic
from bot.policy.folder import INDEX, STAGED
from bot.policy.loader import Cache, inspect
from bot.policy.schema import Policy
from bot.policy.snapshots import names_of


@dataclass(frozen=True, slots=True)
class Reloaded:
    """The new snapshot serves from now on; turns under way keep the one they pinned. ``diagnostics`` are warnings."""

    policy: Policy
    previous: str
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The files are as they were: the same snapshot goes on serving."""

    policy: Policy


@dataclass(frozen=True, slots=True)
class Refused:
    """The files are wrong: the old snapshot goes on serving."""

    policy: Policy
    diagnostics: tuple[Diagnostic, ...]


Outcome = Reloaded | Unchanged | Refused
Stamps = tuple[tuple[str, int, int], ...]
_CHANGING: Final = Diagnostic(
    INDEX, 1, 1, "files changed while they were read", "they are read again once they rest", code="changing"
)


def stamps(folder: Path, policy: Policy) -> Stamps:
    """Name, size and time of change (ns) of every file that makes the policy, and of the mark that it is being put
    back; zeros where there is none. Equal before and after reading: no file was changed in between."""
    return tuple(_stamp(folder, name) for name in (*names_of(policy), STAGED))


def _stamp(folder: Path, name: str) -> tuple[str, int, int]:
    try:
        found = (folder / name).stat()
    except OSError:
        return name, 0, 0
    return name, found.st_size, found.st_mtime_ns


class Registry:
    """Holds the current snapshot of one folder. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Load the first snapshot. Raises BrokenPolicy with every diagnostic: there is nothing older to serve."""
        self._folder = folder
        self._cache = Cache()
        self._reloading = Lock()
        inspected = inspect(folder, self._cache)
        if inspected.policy is None:
            raise BrokenPolicy(str(folder), inspected.diagnostics)
        self._current = inspected.policy

    def current(self) -> Policy:
        """The snapshot to pin for a turn: take it once, and use that one until the turn ends."""
        return self._current

    @property
    def folder(self) -> Path:
        return self._folder

    def reload(self, build: Callable[[Policy], None] | None = None) -> Outcome:
        """Read and check the folder as a whole, ``build`` what is needed to serve it, then swap in one assignment; a
        policy that ``build`` raises a RaiseBotError for is refused like one with mistakes. Blocks: call it from a
        thread; a second caller waits. Never raises for what is in the folder."""
        with self._reloading:
            old = self._current
            before = stamps(self._folder, old)
            inspected = inspect(self._folder, self._cache)
            if stamps(self._folder, old) != before:
                return Refused(old, (_CHANGING,))
            if inspected.policy is None:
                return Refused(old, inspected.diagnostics)
            if inspected.policy.id == old.id:
                return Unchanged(old)
            try:
                if build is not None:
                    build(inspected.policy)
            except RaiseBotError as problem:
                return Refused(old, (Diagnostic(INDEX, 1, 1, str(problem), code="build"),))
            self._current = inspected.policy
            return Reloaded(inspected.policy, old.id, inspected.diagnostics)
