"""Sets of attributes as bits: the lattice that planner and evidence share (METHOD 6.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.errors import InputError

MOST_ATTRIBUTES: Final = 16
"""A lattice holds every set; beyond this many attributes they no longer fit comfortably in memory."""


class Lattice:
    """Every set of ``attributes``; a set is an int whose bit i stands for attribute i.

    ``member`` (sets, attributes) holds 0.0 or 1.0, ``size`` (sets,) how many are in, ``pairs`` (pairs, 2) the places
    of each pair, ``together`` (sets, pairs) 1.0 where both of a pair are in the set."""

    def __init__(self, attributes: tuple[str, ...]) -> None:
        count = len(attributes)
        if not 1 <= count <= MOST_ATTRIBUTES or len(set(attributes)) != count:
            raise InputError(
                f"expected 1 to {MOST_ATTRIBUTES} different attributes, got {count}: {', '.join(attributes)[:200]}"
            )
        self.attributes = attributes
        self.place = {name: index for index, name in enumerate(attributes)}
        bits = np.arange(1 << count)
        self.member: NDArray[np.float64] = ((bits[:, None] >> np.arange(count)) & 1).astype(np.float64)
        self.size: NDArray[np.int64] = self.member.sum(axis=1).astype(np.int64)
        first, second = np.triu_indices(count, 1)
        self.pairs: NDArray[np.int64] = np.column_stack([first, second])
        self.together: NDArray[np.float64] = self.member[:, first] * self.member[:, second]

    def bits(self, names: Iterable[str]) -> int:
        """The set of these attributes. Raises InputError for one that is not in the lattice."""
        total = 0
        for name in names:
            place = self.place.get(name)
            if place is None:
                raise InputError(f"expected attributes among {', '.join(self.attributes)}, got {name!r}")
            total |= 1 << place
        return total

    def names(self, bits: int) -> tuple[str, ...]:
        """The attributes of a set, in the lattice's order."""
        return tuple(name for place, name in enumerate(self.attributes) if bits >> place & 1)

    def upto(self, k: int) -> NDArray[np.int64]:
        """Bits of every set of at most ``k`` attributes, the empty one included."""
        return np.flatnonzero(self.size <= k)
