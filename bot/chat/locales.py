"""The port to languages: what people set on a platform that says so only now and then."""

from __future__ import annotations

from typing import Protocol

from bot.clock import Seconds
from bot.identity import Person


class Locales(Protocol):
    """Forgotten a while after it was last learned. All methods raise StoreUnavailable."""

    async def learn(self, person: Person, locale: str, now: Seconds) -> None:
        """``locale`` is a BCP 47 tag; it takes the place of an earlier one."""
        ...

    async def of(self, person: Person, now: Seconds) -> str | None:
        """None where it is not known, or was learned too long ago."""
        ...

    async def forget(self, person: Person) -> int:
        """Returns how many were forgotten. Idempotent."""
        ...
