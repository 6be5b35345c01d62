"""Who and where: the keys under which everything about a person is kept.

Scope key (FIELD: privacy): platform + workspace + user + space. Nothing crosses workspaces or platforms.
"""

from __future__ import annotations

import hashlib
import hmac
from enum import StrEnum

from bot.errors import InputError
from bot.frozen import dataclass


class Place(StrEnum):
    """How public a space is. A direct message is private to one person; a channel is not."""

    DM = "dm"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Person:
    """One person on one platform in one workspace. ``str()`` gives ``platform:workspace:user``."""

    platform: str
    workspace: str
    user: str

    def __post_init__(self) -> None:
        for name in ("platform", "workspace", "user"):
            part = getattr(self, name)
            if not part or ":" in part or len(part) > 200:
                raise InputError(f"expected a {name} of 1 to 200 characters without ':', got {part[:40]!r}")

    def __hash__(self) -> int:
        return hash(self.user)  # seldom the same in two workspaces; a person is looked up a dozen times a turn

    def __str__(self) -> str:
        return f"{self.platform}:{self.workspace}:{self.user}"

    @classmethod
    def parse(cls, text: str) -> Person:
        """Read ``platform:workspace:user``; raises InputError for any other form."""
        parts = text.split(":")
        if len(parts) != 3:
            raise InputError(f"expected a person as platform:workspace:user (for example web:w1:u1), got {text[:80]!r}")
        return cls(*parts)


@dataclass(frozen=True, slots=True)
class Space:
    """Where something was said. ``id`` names the channel and thread; it is empty for a direct message."""

    place: Place
    id: str = ""

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Space) and self.id == other.id and self.place is other.place)

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def private(self) -> bool:
        return self.place is Place.DM


DIRECT = Space(Place.DM)


@dataclass(frozen=True, slots=True)
class ConversationKey:
    """One person in one space: the unit in which turns are kept in order."""

    person: Person
    space: Space

    def __str__(self) -> str:
        return f"{self.person}/{self.space.place}/{self.space.id}"


def pseudonym(person: Person, key: bytes) -> str:
    """A keyed, stable stand-in for a person in logs and statistics (HMAC-SHA-256, 16 hex digits)."""
    return hmac.new(key, str(person).encode(), hashlib.sha256).hexdigest()[:16]
