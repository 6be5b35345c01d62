"""The port to the other processes of one deployment: who is alive beside this one, and with what.

Implemented by ``adapters/engine/dbos`` on PostgreSQL; where a file is the database there is one process only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Replica:
    """A living process: its ``name``, the ``release`` it runs (a version), the id of the ``policy`` it serves."""

    name: str
    release: str
    policy: str


class Replicas(Protocol):
    def introduce(self, release: str, policy: str) -> None:
        """What the others are told of this process, from its next sign of life on."""
        ...

    async def others(self) -> tuple[Replica, ...]:
        """The processes alive beside this one. Raises StoreUnavailable."""
        ...

    def on_takeover(self, then: Callable[[], Awaitable[object]]) -> None:
        """Have ``then`` done whenever this process has taken over from a dead one."""
        ...
