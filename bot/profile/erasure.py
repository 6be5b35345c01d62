"""Forget me: everything tied to a person, in a declared order, resumable, answered with a receipt.

The order matters: what could write again goes first (running turns), the key that makes backups unreadable goes last.
Each store's ``erase`` is idempotent, so an erasure cut off half way is simply done again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.identity import Person


class Erasable(Protocol):
    async def erase(self, person: Person) -> int:
        """Remove everything about the person; returns how many items there were. Idempotent."""
        ...


@dataclass(frozen=True, slots=True)
class Holding:
    """One store in the order of erasure. ``name`` is the phrase shown in the receipt (``privacy.store.<name>``)."""

    name: str
    store: Erasable


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was removed, by store in the order it was done, and what must remain with the reason's phrase id."""

    removed: tuple[tuple[str, int], ...]
    remains: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return sum(count for _, count in self.removed)


async def erase(person: Person, holdings: Sequence[Holding]) -> Receipt:
    """Remove a person everywhere. Raises the first store's error; calling again goes on safely."""
    return Receipt(tuple([(each.name, await each.store.erase(person)) for each in holdings]))
