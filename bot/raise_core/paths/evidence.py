"""What planning leaves behind: judged sets with scores and counts, and the winning path (METHOD 6.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from bot.raise_core.paths.sets import Lattice
from bot.raise_core.paths.value import Floats, Judgements

ONE_JUDGEMENT: float = 0.1
"""Variance of one judgement in points squared, where nothing better is known: a judge that errs by 0.3."""


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """``score`` is the mean of ``count`` judgements of an answer written with these attributes, 1-5."""

    attributes: frozenset[str]
    score: float
    count: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything learned about one query and one profile.

    ``profile`` holds the values that were given to the model, for attributes in some judged set; ``ranking`` what the
    LLM ranked them at before (any positive scale), empty where it was not asked; ``path`` the attributes worth asking,
    best first."""

    query: str
    domain: str
    judged: tuple[JudgedSet, ...]
    path: tuple[str, ...] = ()
    profile: Mapping[str, str] = field(default_factory=dict)
    ranking: Mapping[str, float] = field(default_factory=dict)


def judgements(evidence: Evidence, lattice: Lattice, noise: float = ONE_JUDGEMENT) -> Judgements:
    """The evidence as arrays. ``noise`` is the variance of one judgement."""
    counts = np.array([judged.count for judged in evidence.judged], dtype=np.float64)
    return Judgements(
        bits=np.array([lattice.bits(judged.attributes) for judged in evidence.judged], dtype=np.int64),
        scores=np.array([judged.score for judged in evidence.judged], dtype=np.float64),
        noise=noise / counts,
    )


def standing(ranking: Mapping[str, float], lattice: Lattice) -> Floats:
    """A ranking as standard scores of its logarithm (attributes,); zeros where there is none. Its scale is undone."""
    if not ranking:
        return np.zeros(len(lattice.attributes))
    least = min(ranking.values())
    logs = np.log([max(ranking.get(name, least), 1e-9) for name in lattice.attributes])
    centred: Floats = logs - logs.mean()
    return centred / max(float(centred.std()), 0.3)
