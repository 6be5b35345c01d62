"""Who works at the desk, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

EVERYWHERE: Final = frozenset({"*"})
"""All workspaces: for the person who runs the machine."""


class Role(StrEnum):
    """A moderator works on cases; a lead may also act on other people's claims and decisions; an operator sees figures
    and nobody's conversation."""

    MODERATOR = "moderator"
    LEAD = "lead"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Moderator:
    """One account. ``name`` is unique at this desk and stays in the audit trail for good. ``workspaces`` are written
    ``platform:workspace`` (``slack:T1``)."""

    name: str
    role: Role
    workspaces: frozenset[str]

    def sees(self, workspace: str) -> bool:
        return workspace in self.workspaces or self.workspaces == EVERYWHERE


class Roster(Protocol):
    """Who there is, for handing a case over."""

    async def find(self, name: str) -> Moderator | None:
        """The account of this name; None when there is none."""
        ...
