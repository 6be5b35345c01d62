"""Made-up scenarios: a situation put into words, and a person it happens to.

Everything follows from the seed. People are drawn along the dependency graph of METHOD section 2 and drawn again while
they break a constraint; queries are written without looking at the person, so that they cannot give them away, and are
checked for it all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Final

from bot.errors import InputError
from bot.evaluation.penguin.dataset import Scenario
from bot.evaluation.penguin.situations import ENDINGS, GROUPS, OPENINGS, SITUATIONS, SPANS, Ways
from bot.profile.attributes import ATTRIBUTES, BUCKETS, DOMAINS
from bot.raise_core.paths.index import plan_id
from bot.raise_core.planner.profiles import sample

SOURCE: Final = "synthetic"
PER_SITUATION: Final = 10
WORDINGS: Final = tuple(product(OPENINGS, range(2), SPANS, ENDINGS))
"""Ways to put one situation into words."""
MOST: Final = len(DOMAINS) * len(GROUPS) * PER_SITUATION * len(WORDINGS)

_IMPOSSIBLE: Final[tuple[tuple[tuple[str, str], tuple[str, str]], ...]] = (
    (("age", "18-24"), ("education_level", "PhD")),
    (("age", "18-24"), ("profession", "retired")),
    (("age", "25-34"), ("profession", "retired")),
    (("age", "35-44"), ("profession", "retired")),
    (("age", "18-24"), ("marital_status", "widowed")),
    (("age", "18-24"), ("marital_status", "divorced")),
    (("education_level", "high school"), ("profession", "teacher")),
    (("education_level", "high school"), ("profession", "engineer")),
    (("profession", "unemployed"), ("economic_status", "stable")),
    (("mental_health_status", "severe depression"), ("emotional_state", "happiness")),
    (("mental_health_status", "none"), ("emotional_state", "despair")),
)
"""Pairs that no made-up person has. Ours: the paper speaks of constraints without listing them."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where one scenario belongs: ``number`` is the situation's (from 0), ``round_`` how often it was used before."""

    domain: str
    group: str
    number: int
    round_: int

    @property
    def ways(self) -> Ways:
        return SITUATIONS[self.domain, self.group][self.number]


def slots(count: int) -> Iterator[Slot]:
    """``count`` slots, evenly over domains, then groups, then situations."""
    for index in range(count):
        rest, domain = divmod(index, len(DOMAINS))
        rest, group = divmod(rest, len(GROUPS))
        round_, number = divmod(rest, PER_SITUATION)
        yield Slot(DOMAINS[domain], GROUPS[group], number, round_)


def generate(count: int, seed: int) -> Iterator[Scenario]:
    """``count`` scenarios from templates, no query twice. Raises InputError beyond what the templates can say."""
    if not 1 <= count <= MOST:
        raise InputError(f"expected --count from 1 to {MOST} (every situation in every wording), got {count}")
    orders: dict[tuple[str, str, int], list[int]] = {}
    for slot in slots(count):
        key = (slot.domain, slot.group, slot.number)
        if key not in orders:
            orders[key] = Random(f"{seed}/{key}").sample(range(len(WORDINGS)), len(WORDINGS))
        yield scenario(slot, worded(slot.ways, orders[key][slot.round_]), seed)


def worded(ways: Ways, wording: int) -> str:
    """A situation as somebody would write it; ``wording`` is a place in ``WORDINGS``."""
    opening, way, span, ending = WORDINGS[wording]
    said = ways[way]
    if not opening or opening.endswith("."):
        said = said[:1].upper() + said[1:]
    return " ".join(part for part in (opening, f"{said}.", span, ending) if part)


def scenario(slot: Slot, query: str, seed: int) -> Scenario:
    """``query`` asked by a person made up for it."""
    profile = person(Random(f"{seed}/{slot}"), slot.domain)
    return Scenario(
        plan_id(query, slot.domain, profile),
        query,
        slot.domain,
        profile,
        {name: value if value in BUCKETS[name] else None for name, value in profile.items()},
        SOURCE,
        slot.group,
        str(slot.number + 1),
    )


def person(rng: Random, domain: str) -> dict[str, str]:
    """A made-up person without impossible pairs, in the catalogue's order."""
    while True:
        drawn = sample(rng, domain)
        if possible(drawn):
            return {name: drawn[name] for name in ATTRIBUTES}


def possible(profile: Mapping[str, str]) -> bool:
    """Whether no impossible pair is in ``profile``."""
    return not any(all(profile.get(name) == value for name, value in pair) for pair in _IMPOSSIBLE)
