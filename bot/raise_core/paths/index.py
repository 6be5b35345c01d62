"""The index of planned queries: what was planned, the vector it is found by, and the port to where it is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.llm.embedder import Vectors
from bot.raise_core.paths.evidence import Evidence
from bot.raise_core.paths.lessons import Lesson


@dataclass(frozen=True, slots=True)
class PlannedQuery:
    """One planned query and profile. The text is the operators' own planning data, never somebody's message.

    ``embedder`` names the model ``vector`` (dimensions,), float32 of length 1, comes from; ``manifest`` the planning
    run; ``planned_at`` is in seconds since 1970. Query, domain and best path are the evidence's."""

    id: str
    evidence: Evidence
    embedder: str
    vector: Vectors = field(compare=False, repr=False)
    manifest: str = ""
    planned_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the index as retrieval needs it, row by row. ``last`` is where the next part begins after."""

    ids: tuple[str, ...]
    domains: tuple[str, ...]
    vectors: Vectors
    lessons: tuple[Lesson, ...]
    last: int


class EvidenceStore(Protocol):
    """Where planned queries are kept. Every method may raise StoreUnavailable."""

    async def put(self, planned: Sequence[PlannedQuery]) -> None:
        """Keep these, all or none; each replaces what has the same id."""
        ...

    async def get(self, ids: Sequence[str]) -> Mapping[str, PlannedQuery]:
        """Those that are kept, by id."""
        ...

    async def page(self, after: str, limit: int, *, not_by: str | None = None) -> tuple[PlannedQuery, ...]:
        """At most ``limit`` planned queries in the order of their ids, from the first id after ``after`` ("" for the
        beginning); with ``not_by`` only those whose vector another embedder made."""
        ...

    async def counts(self) -> Mapping[str, int]:
        """Name of an embedder -> how many planned queries have a vector of it."""
        ...

    async def block(self, embedder: str, after: int, limit: int) -> Block | None:
        """The next at most ``limit`` rows whose vectors ``embedder`` made (``after`` 0 at first, then ``last`` of the
        block before), in the order they were first put; None at the end."""
        ...

    async def stamp(self) -> int:
        """A number that grows with everything that is put; 0 before anything is."""
        ...

    async def put_since(self, stamp: int, limit: int) -> tuple[tuple[int, str], ...]:
        """The stamps and ids of what was put after ``stamp``, in the order it was put last, at most ``limit``."""
        ...


def plan_id(query: str, domain: str, profile: Mapping[str, str]) -> str:
    """The id of a query planned for one profile, 32 hexadecimal digits. White space and case do not matter."""
    parts = [" ".join(query.casefold().split()), domain, sorted(profile.items())]
    return hashlib.blake2s(json.dumps(parts).encode(), digest_size=16).hexdigest()


def merged(kept: PlannedQuery, new: PlannedQuery) -> PlannedQuery:
    """Both plans of one id as one. Of a set judged in both the one with more judgements counts, since the longer record
    may hold the shorter one: merging twice changes nothing. The rest is that of the plan with more judgements, the
    later one where they are equal."""
    first, second = sorted((kept, new), key=_weight)
    # In the order they were kept in, so that what changes nothing compares equal.
    judged = {each.attributes: each for planned in (kept, new) for each in planned.evidence.judged}
    for each in (*first.evidence.judged, *second.evidence.judged):
        if each.count >= judged[each.attributes].count:
            judged[each.attributes] = each
    profile = {**first.evidence.profile, **second.evidence.profile}
    ranking = second.evidence.ranking or first.evidence.ranking
    path = second.evidence.path or first.evidence.path
    evidence = replace(second.evidence, judged=tuple(judged.values()), profile=profile, ranking=ranking, path=path)
    return replace(second, evidence=evidence)


def _weight(planned: PlannedQuery) -> tuple[int, float]:
    return sum(each.count for each in planned.evidence.judged), planned.planned_at
