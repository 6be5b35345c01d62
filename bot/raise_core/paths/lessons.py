"""What the judgements of one planned query say about each attribute's strength: small enough to keep for 100,000.

A posterior of the value model under the fixed first guess is computed once, when evidence is kept, and its prior is
divided out again, attribute by attribute. What is left can be joined with any other prior, such as the means a pool
fitted later, without looking at the judgements again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.raise_core.paths.evidence import Evidence, judgements
from bot.raise_core.paths.pooling import first_guess, solo_prior
from bot.raise_core.paths.sets import Lattice
from bot.raise_core.paths.value import Belief, ValueModel

_WIDE: Final = 3.0
"""How much wider than the first guess the prior of a lesson is."""
_RANKING_ERRS: Final = 0.6
"""How far a ranking, joined with the table, errs: a share of the strength."""
_UNKNOWN: Final = 0.02
"""Share of the prior's variance that judgements must take away to say anything; below they are left out."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """``said`` are the estimates of the strengths of ``attributes``, ``noise`` their variances, both (attributes,)."""

    attributes: tuple[str, ...]
    said: NDArray[np.float32]
    noise: NDArray[np.float32]


def lesson(evidence: Evidence) -> Lesson:
    """What ``evidence`` teaches, over the attributes of its judged sets. Raises InputError for too many of them."""
    names = tuple(sorted({name for judged in evidence.judged for name in judged.attributes}))
    if not names:
        return Lesson((), np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.float32))
    model, prior = _prior(names)
    post = model.update(_ranked(model, prior, evidence.ranking), judgements(evidence, model.lattice))
    mean, var = prior.mean[model.strengths], np.diag(prior.cov)[model.strengths]
    known = np.clip(1.0 - np.diag(post.cov)[model.strengths] / var, 0.0, 0.999)
    told = known > _UNKNOWN
    said = mean[told] + (post.mean[model.strengths] - mean)[told] / known[told]
    noise = var[told] * (1.0 - known[told]) / known[told]
    heard = tuple(name for name, each in zip(names, told, strict=True) if each)
    return Lesson(heard, said.astype(np.float32), noise.astype(np.float32))


@dataclass(frozen=True, slots=True)
class Gains:
    """What one plan's judgements say, in points: what each attribute brings ``alone``, and what each step of the best
    path brings after those before (``along``)."""

    alone: Mapping[str, float]
    along: tuple[tuple[str, float], ...]


def marginal_gains(evidence: Evidence) -> Gains:
    """Expected gains by this evidence alone, smoothed by the value model under the first guess."""
    names = tuple(sorted({name for judged in evidence.judged for name in judged.attributes}))
    if not names:
        return Gains({}, ())
    model, prior = _prior(names)
    lattice = model.lattice
    values = model.expected(model.update(prior, judgements(evidence, lattice)))
    alone = {name: float(values[1 << place] - values[0]) for name, place in lattice.place.items()}
    along: list[tuple[str, float]] = []
    before = 0
    for name in evidence.path:
        if name in lattice.place:
            after = before | 1 << lattice.place[name]
            along.append((name, float(values[after] - values[before])))
            before = after
    return Gains(dict(sorted(alone.items(), key=lambda item: -item[1])), tuple(along))


def _ranked(model: ValueModel, prior: Belief, ranking: Mapping[str, float]) -> Belief:
    """The prior after a ranking, which tells of strengths beside the judgements."""
    if not ranking:
        return prior
    places = np.arange(model.size)[model.strengths]
    told = solo_prior(model.lattice, ranking).mean[places]
    noise = np.diag((_RANKING_ERRS * told) ** 2)
    spread = prior.cov[:, places]
    gain = np.linalg.solve(spread[places] + noise, spread.T).T
    return Belief(prior.mean + gain @ (told - prior.mean[places]), prior.cov - gain @ spread.T)


@lru_cache(maxsize=16)
def _prior(names: tuple[str, ...]) -> tuple[ValueModel, Belief]:
    lattice = Lattice(names)
    means, spread = first_guess(lattice)
    # Wide, so that what is divided out again has hardly any part in it.
    spread.strengths = spread.strengths * _WIDE**2
    return ValueModel(lattice), Belief(means.common, np.diag(spread.prior()))
