"""The port to where an app is installed: one workspace each, or a whole organisation.

Used by platforms that are installed by OAuth (Slack). Implemented in memory by the adapter (one workspace, two tokens)
and in SQL by ``adapters/stores`` (many workspaces; tokens sealed).
"""

from __future__ import annotations

from typing import Final, Protocol

from bot.clock import Seconds
from bot.frozen import dataclass
from bot.private import Private

GUEST: Final = "guest@"
"""Begins the workspace part of a person who was met in another workspace's channel (Slack Connect): ``guest@T1`` is a
guest in T1. So nothing known in one workspace can show in another, and what T1 learns goes when T1 leaves."""


@dataclass(frozen=True, slots=True)
class Installation:
    """``workspace`` is empty for an installation in a whole organisation, ``enterprise`` outside of one.

    ``bot_user`` and ``bot`` are the platform's ids of the bot's user and of the bot; ``scopes`` what it may do."""

    workspace: str
    enterprise: str
    token: Private[str]
    bot_user: str
    bot: str
    app: str
    scopes: tuple[str, ...]
    installed_at: Seconds


class Installations(Protocol):
    """All methods raise StoreUnavailable when the store cannot be reached."""

    async def save(self, installation: Installation) -> None:
        """Keep it, in place of an earlier one for the same workspace (or organisation)."""
        ...

    async def find(self, workspace: str, enterprise: str) -> Installation | None:
        """The workspace's own installation, else the organisation's (``enterprise`` may be empty), else None."""
        ...

    async def workspaces(self, enterprise: str) -> tuple[str, ...]:
        """Every workspace of the organisation that has an installation of its own; none for an empty name."""
        ...

    async def remove(self, workspace: str, enterprise: str) -> int:
        """Forget the installation of a workspace; with an empty ``workspace``, of an organisation with all its
        workspaces. Returns how many were removed. Idempotent."""
        ...


def home_of(workspace: str) -> str:
    """The workspace in which a person was met: ``T1`` for ``T1`` and for ``guest@T1``."""
    return workspace.removeprefix(GUEST)
