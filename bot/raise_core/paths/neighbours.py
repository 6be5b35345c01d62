"""Marginal gains of one query, from the pool: the agent's evidence (METHOD 6.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.raise_core.paths.pooling import Pool
from bot.raise_core.paths.value import Belief, Floats, Judgements

SAID_SD: Final = 0.2
"""How much a model's word on completeness errs: one point of five."""


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

    def heard(self, said: Sequence[tuple[Mapping[str, str | None], float]]) -> NeighbourGains:
        """The same evidence after a model's words on completeness (0-5), each with what was known when it was said.

        A model gives one with each reply it reads (METHOD 6.3), for no further call. It is a judgement of this very
        person's case, as noisy as others: what helped less or more than expected changes what is worth asking next."""
        if not said:
            return self
        lattice, belief = self._pool.lattice, self._belief
        base, room = belief.mean[0], belief.mean[1]
        cov = belief.cov.copy()
        # A share is heard, not points: where the scale begins and ends for this query stays as it was.
        cov[:2] = cov[:, :2] = 0.0
        mean = belief.mean.copy()
        pull = self._pool.answer_pull(said[-1][0])
        mean[self._pool.model.etas] += pull
        seen = Judgements(
            bits=np.array([lattice.bits(name for name in known if name in lattice.place) for known, _ in said]),
            scores=np.array([base + room * completeness / 5.0 for _, completeness in said]),
            noise=np.full(len(said), (room * SAID_SD) ** 2),
        )
        after = self._pool.model.update(Belief(mean, cov), seen)
        after.mean[self._pool.model.etas] -= pull
        return NeighbourGains(self._pool, after)
