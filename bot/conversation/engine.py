"""The port to durable execution: turns that are not lost, not doubled, and in order within a conversation.

Implemented by ``adapters/engine``: ``dbos`` (SQLite or PostgreSQL) and ``inline`` (tests, benchmarks).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol


class Steps(Protocol):
    """Given to the work of one turn."""

    async def run(self, name: str, work: Callable[[], Awaitable[str]]) -> str:
        """Do ``work`` and record its result under ``name``; after a crash a step that had ended is not done again, its
        recorded result is returned. ``name`` is unique within the turn and the same on every run; the result is a
        short token (an id, a count, an outcome), never text of a person."""
        ...


TurnWork = Callable[[str, Steps], Awaitable[None]]
"""``work(turn_id, steps)``. It is called again with the same id after a crash, until it returns."""


class Engine(Protocol):
    async def start(self, work: TurnWork, give_up: TurnWork | None = None) -> None:
        """Begin to serve; turns left unfinished by an earlier process are taken up again. ``give_up`` is done instead
        for a turn whose work failed at every attempt, or whose process crashed with it too often."""
        ...

    async def submit(self, turn_id: str, conversation: str) -> bool:
        """Queue a turn. Turns of one conversation run one at a time in the order submitted, others beside them.
        False when a turn of this id was submitted before (whether it ended or not). Raises StoreUnavailable."""
        ...

    async def finished(self, turn_id: str) -> None:
        """Return once the turn has ended, at once if it had already or is unknown."""
        ...

    async def cancel(self, turn_id: str) -> bool:
        """Stop a turn between or within steps; False when there was nothing to stop."""
        ...

    async def forget(self, turn_ids: tuple[str, ...]) -> int:
        """Delete everything the engine keeps about these ended turns, save what recognises a repeated id."""
        ...

    async def erase(self, conversation: str, spared: str = "") -> int:
        """Cancel the turns of a conversation and delete everything kept about them but their ids, save the turn of the
        id ``spared``: the one that erases. Returns how many turns there were, once none of them runs any more."""
        ...

    async def stop(self, deadline: float) -> None:
        """Take no new turns, let running ones end within ``deadline`` seconds, leave the rest for the next start."""
        ...
