"""The policy in force: one checked snapshot at a time, replaced whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from bot.policy.diagnostics import BrokenPolicy, Diagnostic
from bot.policy.loader import Cache, inspect
from bot.policy.schema import Policy


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

    def reload(self) -> Outcome:
        """Build and check the folder as a whole, then swap in one assignment. Blocks (files, validation): call it from
        a thread, one at a time; a second caller waits. Never raises for what is in the folder."""
        with self._reloading:
            old = self._current
            inspected = inspect(self._folder, self._cache)
            if inspected.policy is None:
                return Refused(old, inspected.diagnostics)
            if inspected.policy.id == old.id:
                return Unchanged(old)
            self._current = inspected.policy
            return Reloaded(inspected.policy, old.id, inspected.diagnostics)
