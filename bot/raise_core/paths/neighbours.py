"""Marginal gains of one query, from the pool: the agent's evidence (METHOD 6.2)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bot.raise_core.paths.pooling import Pool
from bot.raise_core.paths.value import Belief, Floats


class NeighbourGains:
    """What ``pool`` expects for one query. Implements :class:`~bot.raise_core.paths.gains.MarginalGains`.

    Made once per query (a few milliseconds); each decision then costs a look-up of every set's expected value."""

    def __init__(self, pool: Pool, belief: Belief) -> None:
        self._pool = pool
        self._belief = belief

    @classmethod
    def of(cls, pool: Pool, vector: NDArray[np.float32], domain: str) -> NeighbourGains:
        """For a query that ``vector`` embeds."""
        return cls(pool, pool.belief(vector, domain))

    @property
    def sure(self) -> Floats:
        """How much of what queries differ in neighbours explain, by attribute (attributes,), 0 to 1."""
        near = self._pool.near
        if near is None:
            return np.zeros(len(self._pool.lattice.attributes))
        return np.clip(1.0 - np.diag(self._belief.cov)[self._pool.model.strengths] / near.total, 0.0, 1.0)

    def values(self, known: Mapping[str, str | None]) -> Floats:
        """Expected value of every set (sets,), given these answers."""
        mean = self._belief.mean.copy()
        mean[self._pool.model.etas] += self._pool.answer_pull(known)
        return self._pool.model.expected(Belief(mean, self._belief.cov))

    def gains(self, known: Mapping[str, str | None], table: Mapping[str, float], left: int) -> Mapping[str, float]:
        """See the port. An attribute the evidence does not know keeps the table's gain."""
        lattice = self._pool.lattice
        values = self.values(known)
        bits = lattice.bits(name for name in known if name in lattice.place)
        open_names = [name for name in table if name in lattice.place]
        gains = {name: float(values[bits | 1 << lattice.place[name]] - values[bits]) for name in open_names}
        allowed = bits | lattice.bits(open_names)
        sets = np.arange(len(values))
        fits = ((sets & bits) == bits) & ((sets | allowed) == allowed) & (lattice.size <= lattice.size[bits] + left)
        best = int(np.where(fits, values, -np.inf).argmax()) & ~bits
        planned = [gains[name] for name in lattice.names(best) if name in gains]
        if planned:
            # What is not in the best plan would take the place of what is: it is worth no more than the least of it.
            least = min(planned)
            for name in open_names:
                if not best >> lattice.place[name] & 1:
                    gains[name] = min(gains[name], least - 1e-6)
        return {**table, **gains}
