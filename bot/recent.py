"""How much of what came lately a process remembers: one bound for all that only saves a trip or a repetition, and what
words amount to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

V = TypeVar("V")
RECENT: Final = 10_000
"""Events, messages, people or places: as many as may wait at once, and few enough that the memory they take is reached
within minutes."""
_WORDS: Final = 4096


class Remembered(dict[str, V]):
    """What words amount to, worked out by ``make`` when first asked for. Holds at most ``bound``: with one more it
    begins anew. A plain dictionary, because every word of every message is looked up in several of these:
    ``functools.lru_cache`` also moves what it finds to the front, which costs as much again."""

    __slots__ = ("_bound", "_make")

    def __init__(self, make: Callable[[str], V], bound: int = _WORDS) -> None:
        super().__init__()
        self._make, self._bound = make, bound

    def __missing__(self, word: str) -> V:
        made = self._make(word)
        if len(self) >= self._bound:
            self.clear()
        self[word] = made
        return made
