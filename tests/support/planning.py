"""Planned queries for tests."""

from __future__ import annotations

import json
from collections.abc import Mapping

from adapters.embeddings.hashing import HashingEmbedder
from bot.raise_core.paths.evidence import Evidence, JudgedSet
from bot.raise_core.paths.index import PlannedQuery, plan_id

BREAKUP = "My girlfriend left me after four years and I cannot sleep"
EMBEDDER = HashingEmbedder()


def evidence(query: str, domain: str, gains: Mapping[str, float], count: int = 6) -> Evidence:
    """Judgements by which each attribute alone brings so many points, and the best is the path."""
    judged = [JudgedSet(frozenset(), 3.0, count)]
    judged += [JudgedSet(frozenset({name}), 3.0 + gain, count) for name, gain in gains.items()]
    return Evidence(query, domain, tuple(judged), (max(gains, key=lambda name: gains[name]),))


def planned(query: str, domain: str, gains: Mapping[str, float], count: int = 6) -> PlannedQuery:
    learned = evidence(query, domain, gains, count)
    (vector,) = EMBEDDER.embed([query])
    return PlannedQuery(plan_id(query, domain, {}), learned, EMBEDDER.name, vector, "run-1", 1.0)


def line(query: str = BREAKUP, domain: str = "relationship", **others: object) -> str:
    """One line of a file to import."""
    judged = [{"attributes": [], "score": 3.0, "count": 2}, {"attributes": ["age"], "score": 4.0, "count": 2}]
    return json.dumps({"query": query, "domain": domain, "judged": judged, **others})
