"""A dict that forgets its oldest entries: memory for a shortcut, never for something that must not be lost."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Keeps the ``limit`` entries put last; reads do not count."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: OrderedDict[K, V] = OrderedDict()

    def __contains__(self, key: K) -> bool:
        return key in self._entries

    def get(self, key: K) -> V | None:
        return self._entries.get(key)

    def put(self, key: K, value: V) -> V:
        self._entries[key] = value
        self._entries.move_to_end(key)
        while len(self._entries) > self._limit:
            self._entries.popitem(last=False)
        return value

    def drop(self, key: K) -> bool:
        """Whether it was there."""
        return self._entries.pop(key, None) is not None

    def all(self) -> list[K]:
        return list(self._entries)

    def clear(self) -> None:
        self._entries.clear()
