"""What each plan of a job believes before it judges anything, the same however often the job was interrupted.

A plan learns from evidence of earlier jobs and from the plans that stand well before it in its own job: the first 32
for those from the 64th on, the first 64 from the 128th on, and so forth. So its choices, and with them the calls it
pays for, depend on its place alone and not on what happened to be ready, and a job that is run again asks exactly
what it asked before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from bot.llm.embedder import Vectors
from bot.raise_core.paths.index import EvidenceStore
from bot.raise_core.paths.opening import within
from bot.raise_core.paths.pooling import Pool, solo_prior
from bot.raise_core.paths.sets import Lattice
from bot.raise_core.paths.value import Belief
from bot.raise_core.planner.queries import PlanUnit

FIRST: Final = 32
"""Plans of this job that are waited for before any is learned from; fewer say little."""
LAST: Final = 4_096
POOLED: Final = 240
"""Plans a pool is fitted to, spread evenly, as for the agent: more change little."""
_BLOCK: Final = 4_096


class Starts:
    """Beliefs for the units of one job. ``tables`` gives the gains of each domain's table."""

    def __init__(
        self,
        store: EvidenceStore,
        lattice: Lattice,
        embedder: str,
        units: Sequence[PlanUnit],
        tables: Mapping[str, Mapping[str, float]],
    ) -> None:
        self._store, self._lattice, self._embedder, self._tables = store, lattice, embedder, tables
        self._ids = [unit.id for unit in units]
        self._open = dict.fromkeys(range(len(units)))
        self._moved = asyncio.Condition()
        self._pools: dict[int, asyncio.Task[Pool | None]] = {}
        self._earlier: asyncio.Task[list[str]] | None = None

    async def pool(self, place: int) -> Pool | None:
        """What the unit at ``place`` may learn from; None where too little is planned. Raises StoreError."""
        stage = 0
        while (following := max(FIRST, 2 * stage)) <= min(place // 2, LAST):
            stage = following
        if stage not in self._pools:
            self._pools = {key: task for key, task in self._pools.items() if key >= stage // 2}
            self._pools[stage] = asyncio.create_task(self._fitted(stage))
        return await asyncio.shield(self._pools[stage])

    def belief(self, pool: Pool | None, unit: PlanUnit, vector: Vectors, ranking: Mapping[str, float]) -> Belief:
        """Where the plan begins: neighbours, the domain's table, and the ranking, each as far as it is known."""
        if pool is None:
            return solo_prior(self._lattice, ranking, self._tables[unit.domain])
        return pool.belief(vector, unit.domain, ranking)

    def gains(self, pool: Pool | None, unit: PlanUnit, vector: Vectors) -> Mapping[str, float]:
        """What neighbours say each attribute brings, without any ranking; nothing where there are none."""
        if pool is None:
            return {}
        believed = pool.belief(vector, unit.domain).mean[pool.model.strengths]
        return dict(zip(self._lattice.attributes, (1.0 - np.exp(-believed)).tolist(), strict=True))

    async def ended(self, place: int) -> None:
        """The unit at ``place`` needs nothing more, whether it is planned or not."""
        async with self._moved:
            self._open.pop(place, None)
            self._moved.notify_all()

    async def close(self) -> None:
        """End what is still being fitted."""
        tasks = [*self._pools.values(), *([self._earlier] if self._earlier else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fitted(self, stage: int) -> Pool | None:
        async with self._moved:
            await self._moved.wait_for(lambda: next(iter(self._open), stage) >= stage)
        if self._earlier is None:
            self._earlier = asyncio.create_task(self._of_earlier_jobs())
        ids = [*await asyncio.shield(self._earlier), *self._ids[:stage]]
        kept = await self._store.get([ids[row] for row in _spread(len(ids))])
        known = [each for key in ids if (each := kept.get(key)) is not None and each.embedder == self._embedder]
        if len(known) < FIRST:
            return None
        evidence = [within(each.evidence, self._lattice) for each in known]
        return await asyncio.to_thread(Pool, self._lattice, evidence, np.array([each.vector for each in known]))

    async def _of_earlier_jobs(self) -> list[str]:
        own, found, after = set(self._ids), list[str](), 0
        while block := await self._store.block(self._embedder, after, _BLOCK):
            found += [each for each in block.ids if each not in own]
            after = block.last
        return [found[row] for row in _spread(len(found))]


def _spread(count: int) -> list[int]:
    return sorted(set(np.linspace(0, count - 1, min(count, POOLED)).astype(int).tolist()))
