"""The ports to what an app knows of itself on a platform: where it was added, and what it has told the platform.

Nothing here is about people.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class Workspaces(Protocol):
    """Where an app of one platform was last seen to be, so that a removal nobody was told of can be noticed. ``app``
    is the app's own id there: another app (a test bot) knows nothing of this one's. All methods raise
    StoreUnavailable."""

    async def joined(self, app: str) -> frozenset[str]: ...

    async def join(self, app: str, workspaces: Iterable[str]) -> None:
        """Idempotent."""
        ...

    async def leave(self, app: str, workspace: str) -> None:
        """Idempotent."""
        ...


class Registrations(Protocol):
    """What the platform was told last about an app's commands, over restarts. Both methods raise StoreUnavailable."""

    async def told(self, app: str) -> str:
        """The digest of the commands as they were told; empty when never."""
        ...

    async def remember(self, app: str, digest: str) -> None: ...
