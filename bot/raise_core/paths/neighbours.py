"""Marginal gains of one query, from the pool: the agent's evidence (METHOD 6.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.raise_core.paths.pooling import Pool
from bot.raise_core.paths.value import Belief, Floats

_AHEAD: Final = 2
"""Questions that are planned together at most. What comes after is planned when their answers are there; and most
people are asked no more, so that a set of five is no measure of what to ask them first."""


class NeighbourGains:
    """What ``pool`` expects for one query. Implements :class:`~bot.raise_core.paths.gains.MarginalGains`.

    ``trust`` (attribute -> 0 to 1) says how far each gain moves from the table to what the evidence says.
    Made once per query (a few milliseconds); each decision then costs a look-up of every set's expected value."""

    def __init__(self, pool: Pool, belief: Belief, trust: Mapping[str, float]) -> None:
        self._pool, self._belief = pool, belief
        self.trust = trust

    @classmethod
    def of(cls, pool: Pool, vector: NDArray[np.float32], domain: str, own: Floats) -> NeighbourGains:
        """For a query that ``vector`` embeds. ``own`` (attributes,), 0 to 1, is how well the domain is known; what
        neighbours explain of the differences among queries adds to it."""
        belief, sure = pool.belief(vector, domain), np.zeros(len(own))
        if pool.near is not None:
            sure = np.clip(1.0 - np.diag(belief.cov)[pool.model.strengths] / pool.near.total, 0.0, 1.0)
        trust = 1.0 - (1.0 - own) * (1.0 - sure)
        return cls(pool, belief, dict(zip(pool.lattice.attributes, trust.tolist(), strict=True)))

    def values(self, known: Mapping[str, str | None]) -> Floats:
        """Expected value of every set (sets,), given these answers."""
        mean = self._belief.mean.copy()
        mean[self._pool.model.etas] += self._pool.answer_pull(known)
        return self._pool.model.expected(Belief(mean, self._belief.cov))

    def gains(self, known: Mapping[str, str | None], table: Mapping[str, float], left: int) -> Mapping[str, float]:
        """See the port. An attribute the evidence says nothing of keeps the table's gain."""
        lattice = self._pool.lattice
        values = self.values(known)
        bits = lattice.bits(name for name in known if name in lattice.place)
        heard_of = [name for name in table if self.trust.get(name, 0.0) > 0.0]
        gains = dict(table)
        for name in heard_of:
            said = float(values[bits | 1 << lattice.place[name]] - values[bits])
            gains[name] += self.trust[name] * (said - gains[name])
        allowed = bits | lattice.bits(heard_of)
        sets = np.arange(len(values))
        most = lattice.size[bits] + min(left, _AHEAD)
        fits = ((sets & bits) == bits) & ((sets | allowed) == allowed) & (lattice.size <= most)
        best = int(np.where(fits, values, -np.inf).argmax()) & ~bits
        planned = [gains[name] for name in lattice.names(best)]
        if planned:
            # What is not in the best plan would take the place of what is: it is worth no more than the least of it.
            least = min(planned)
            for name in heard_of:
                if not best >> lattice.place[name] & 1:
                    gains[name] = min(gains[name], least - 1e-6)
        return gains
