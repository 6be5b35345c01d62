"""The port to what a person could have forgotten: what a form with boxes to tick shows them, and nobody else."""

from __future__ import annotations

from typing import Protocol

from bot.frozen import dataclass
from bot.identity import Person
from bot.private import Private


@dataclass(frozen=True, slots=True)
class Forgettable:
    """``label`` is the attribute's display name, ``value`` what was said of it (at several places: each once)."""

    attribute: str
    label: str
    value: Private[str]


class Forgettables(Protocol):
    """Outside of any turn, since a form must open within 3 s of the press."""

    async def __call__(self, person: Person, locale: str) -> tuple[Forgettable, ...]:
        """In the order in which they were told. Raises StoreError."""
        ...
