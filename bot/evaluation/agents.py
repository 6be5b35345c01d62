"""The ways of asking that ``bench agent`` compares, over one simulated user each.

Everyone meets the same users (who declines what is fixed per user) and is scored by the true value of what got known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final
from zlib import crc32

import numpy as np

from bot.evaluation.worlds import LATTICE, World
from bot.policy.schema import Abstention, AbstentionMode
from bot.profile.attributes import ATTRIBUTES
from bot.raise_core.agent.abstain import Scored, Unasked, settle
from bot.raise_core.agent.acquire import Enough, decide
from bot.raise_core.paths.gains import MarginalGains
from bot.raise_core.state import PUBLISHED_GAINS, AttributeTerms, Table

ENOUGH: Final = 4.0
"""Completeness (0-5) from which the paper's agent stops; the paper gives none, this is the policy's default."""
COMPLETENESS_SD: Final = 1.0
"""How much the model's word on completeness errs, in points of its 0-5 scale."""
PRICE: Final = 0.135
"""What a question costs the agent that stops by itself, in points, however many were asked."""
GROWTH: Final = 0.0
LONGEST: Final = 5
"""The most questions anybody asks; also the length of the published paths."""


@dataclass(frozen=True, slots=True)
class Met:
    """One simulated user: the world, and which attributes they answer when asked."""

    world: World
    willing: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Asked:
    """How it went: ``score`` is the true value of what is known at the end (1-5); ``questions`` includes declined."""

    score: float
    questions: int


Next = Callable[[Mapping[str, str | None], frozenset[str], int], str | None]
"""What to ask next, given the answers, the declined, and how many were asked; None to stop."""


def converse(met: Met, ask: Next) -> Asked:
    """Ask until ``ask`` stops. A declined attribute counts as a question and is never asked again."""
    known: dict[str, str | None] = {}
    closed: set[str] = set()
    while (name := ask(known, frozenset(closed), len(known) + len(closed))) is not None:
        if met.willing[name] and name in met.world.profile:
            known[name] = met.world.profile[name]
        else:
            closed.add(name)
    return Asked(float(met.world.values[LATTICE.bits(known)]), len(known) + len(closed))


def by_value(
    evidence: MarginalGains | None,
    world: World,
    chances: Mapping[str, float],
    limit: int | None,
    seed: int,
    own: AbstentionMode = AbstentionMode.BOTH,
) -> Next:
    """This project's agent, :func:`decide` and :func:`settle`: no price under a fixed limit; without one its ``own``
    stop rule: BOTH hears the same word on completeness after each question as the paper's, PLANNED (what a policy has
    that says nothing else) needs no model and hears none."""
    price = PRICE if limit is None else 0.0
    terms = {name: AttributeTerms(PUBLISHED_GAINS[name], chances[name], price) for name in ATTRIBUTES}
    table = Table(world.domain, terms, (), GROWTH, LONGEST if limit is None else limit)
    mode = Abstention(mode=own if limit is None else AbstentionMode.PLANNED, threshold=ENOUGH)
    heard = mode.mode is AbstentionMode.BOTH

    def ask(known: Mapping[str, str | None], closed: frozenset[str], asked: int) -> str | None:
        word = Scored(completeness(world, known, asked, seed)) if asked and heard else Unasked()
        decision = settle(decide(table, known, closed, asked, evidence), word, mode)
        return None if isinstance(decision, Enough) else decision.attribute

    return ask


def in_turn(order: Sequence[str], limit: int) -> Next:
    """A fixed order, up to ``limit`` questions."""

    def ask(known: Mapping[str, str | None], closed: frozenset[str], asked: int) -> str | None:
        return order[asked] if asked < min(limit, len(order)) else None

    return ask


def until_complete(path: Sequence[str], world: World, seed: int) -> Next:
    """The published agent: the nearest query's path, until a noisy completeness score says enough."""

    def ask(known: Mapping[str, str | None], closed: frozenset[str], asked: int) -> str | None:
        if asked >= len(path) or completeness(world, known, asked, seed) >= ENOUGH:
            return None
        return path[asked]

    return ask


def completeness(world: World, known: Mapping[str, str | None], asked: int, seed: int) -> float:
    """What a model says of how much is known (0-5): the true share of what background can bring, with an error."""
    share = (world.values[LATTICE.bits(known)] - world.base) / max(world.ceiling - world.base, 1e-9)
    rng = np.random.default_rng((seed, crc32(world.id.encode()), 1 << 23, asked))
    return float(np.clip(5.0 * share + rng.normal(0.0, COMPLETENESS_SD), 0.0, 5.0))


def all_knowing(world: World, decline: float, limit: int) -> Next:
    """The oracle: knows every value and chance, but not which coin falls how; replans after each answer."""
    chances = {name: world.answers.get(name, 1.0) * (1.0 - decline) for name in ATTRIBUTES}

    def ask(known: Mapping[str, str | None], closed: frozenset[str], asked: int) -> str | None:
        bits = LATTICE.bits(known)
        expected = world.values[np.arange(len(world.values)) | bits].copy()
        for place, name in enumerate(ATTRIBUTES):
            chance = 0.0 if name in closed else chances[name]
            inside = np.flatnonzero(LATTICE.member[:, place])
            if not bits >> place & 1:
                expected[inside] = chance * expected[inside] + (1.0 - chance) * expected[inside ^ (1 << place)]
        shut = LATTICE.bits(closed)
        sets = np.arange(len(expected))
        fits = ((sets & bits) == 0) & ((sets & shut) == 0) & (LATTICE.size <= limit - asked)
        best = int(np.where(fits, expected, -np.inf).argmax())
        names = LATTICE.names(best)
        return max(names, key=lambda name: expected[LATTICE.bits([name])]) if names else None

    return ask


def shuffled(world: World, seed: int) -> list[str]:
    """An order by chance, one per user."""
    order = list(ATTRIBUTES)
    Random(f"{seed}/{world.id}").shuffle(order)
    return order
