"""Planned queries in memory: for tests, and where nothing outlives the process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice

import numpy as np

from bot.raise_core.paths.index import Block, PlannedQuery
from bot.raise_core.paths.lessons import Lesson, lesson


class MemoryEvidence:
    """Implements :class:`~bot.raise_core.paths.index.EvidenceStore`."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[int, PlannedQuery, Lesson]] = {}
        self._put: dict[str, int] = {}  # in the order of putting last
        self._stamp = 0

    async def put(self, planned: Sequence[PlannedQuery]) -> None:
        lessons = [lesson(each.evidence) for each in planned]
        for each, learned in zip(planned, lessons, strict=True):
            before = self._rows.get(each.id)
            number = before[0] if before is not None else len(self._rows) + 1
            self._rows[each.id] = (number, each, learned)
            self._stamp += 1
            self._put.pop(each.id, None)
            self._put[each.id] = self._stamp

    async def get(self, ids: Sequence[str]) -> Mapping[str, PlannedQuery]:
        return {each: self._rows[each][1] for each in ids if each in self._rows}

    async def page(self, after: str, limit: int, *, not_by: str | None = None) -> tuple[PlannedQuery, ...]:
        rows = (self._rows[each][1] for each in sorted(self._rows) if each > after)
        return tuple(islice((each for each in rows if each.embedder != not_by), limit))

    async def counts(self) -> Mapping[str, int]:
        return Counter(planned.embedder for _, planned, _ in self._rows.values())

    async def block(self, embedder: str, after: int, limit: int) -> Block | None:
        rows = [row for row in self._rows.values() if row[1].embedder == embedder and row[0] > after][:limit]
        if not rows:
            return None
        return Block(
            ids=tuple(planned.id for _, planned, _ in rows),
            domains=tuple(planned.evidence.domain for _, planned, _ in rows),
            vectors=np.array([planned.vector for _, planned, _ in rows], dtype=np.float32),
            lessons=tuple(learned for _, _, learned in rows),
            last=rows[-1][0],
        )

    async def stamp(self) -> int:
        return self._stamp

    async def put_since(self, stamp: int, limit: int) -> tuple[tuple[int, str], ...]:
        return tuple(islice(((at, each) for each, at in self._put.items() if at > stamp), limit))
