"""Made-up people to plan for: profiles drawn along the dependency graph of PENGUIN (METHOD section 2).

    S=scenario; age|S; gender|S; marital|S,gender; education|S,age; profession|S,age,education;
    economic|profession,marital; health|S,age; mental|economic,health,education; self-harm|mental;
    emotion|mental,education

The paper gives the graph, not its probabilities. The odds here are ours and deliberately mild: enough for related
answers to go together, flat enough for every bucket to occur, so that plans see each branch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

from bot.profile.attributes import BUCKETS

Tilts = Mapping[tuple[str, str], Mapping[str, float]]
"""(parent attribute, its bucket) -> bucket -> factor on its odds. The parent ``scenario`` is the domain."""

_ORDER: Final = (
    "age",
    "gender",
    "marital_status",
    "education_level",
    "profession",
    "economic_status",
    "health_status",
    "mental_health_status",
    "past_self_harm_history",
    "emotional_state",
)
_PROFESSIONS: Final = (
    "student", "nurse", "shop assistant", "engineer", "teacher", "driver", "office clerk", "cook", "unemployed",
    "retired", "carer", "freelance designer",
)  # fmt: skip
_ODDS: Final[Mapping[str, Mapping[str, float]]] = {
    "gender": {"other": 0.2},
    "marital_status": {"widowed": 0.3, "divorced": 0.6},
    "education_level": {"PhD": 0.4, "other": 0.5},
    "economic_status": {"severe difficulty": 0.6},
    "health_status": {"serious illness": 0.5},
    "mental_health_status": {"none": 2.0, "severe depression": 0.6, "other": 0.4},
    "past_self_harm_history": {"yes": 0.3},
    "emotional_state": {"happiness": 0.3, "other": 0.4},
}
_TILTS: Final[Mapping[str, Tilts]] = {
    "age": {
        ("scenario", "education"): {"18-24": 3.0, "55+": 0.4},
        ("scenario", "career"): {"25-34": 2.0, "55+": 0.6},
        ("scenario", "health"): {"55+": 1.8},
    },
    "gender": {},
    "marital_status": {
        ("scenario", "relationship"): {"divorced": 2.0, "married": 1.5},
        ("scenario", "education"): {"single": 2.0},
    },
    "education_level": {("age", "18-24"): {"high school": 2.5, "master": 0.4, "PhD": 0.05}},
    "profession": {
        ("age", "18-24"): {"student": 5.0, "retired": 0.0, "engineer": 0.5},
        ("age", "25-34"): {"retired": 0.0},
        ("age", "35-44"): {"retired": 0.0, "student": 0.3},
        ("age", "45-54"): {"retired": 0.2, "student": 0.1},
        ("age", "55+"): {"retired": 4.0, "student": 0.05},
        ("education_level", "high school"): {"engineer": 0.2, "teacher": 0.2, "driver": 1.6, "shop assistant": 1.6},
        ("education_level", "PhD"): {"engineer": 2.0, "teacher": 2.0, "driver": 0.2, "cook": 0.2},
    },
    "economic_status": {
        ("profession", "unemployed"): {"stable": 0.2, "severe difficulty": 3.0},
        ("profession", "student"): {"stable": 0.6, "difficult": 1.6},
        ("profession", "engineer"): {"stable": 2.0, "severe difficulty": 0.4},
        ("marital_status", "divorced"): {"difficult": 1.4},
    },
    "health_status": {
        ("age", "18-24"): {"good": 2.0, "serious illness": 0.5},
        ("age", "55+"): {"good": 0.6, "chronic disease": 1.8},
        ("scenario", "health"): {"good": 0.6},
    },
    "mental_health_status": {
        ("economic_status", "severe difficulty"): {"none": 0.5, "severe depression": 1.6},
        ("economic_status", "difficult"): {"none": 0.7, "anxiety": 1.4},
        ("health_status", "serious illness"): {"none": 0.6, "severe depression": 1.5},
    },
    "past_self_harm_history": {
        ("mental_health_status", "none"): {"yes": 0.25},
        ("mental_health_status", "severe depression"): {"yes": 4.0},
    },
    "emotional_state": {
        ("mental_health_status", "none"): {"calm": 2.5, "happiness": 3.0, "despair": 0.3},
        ("mental_health_status", "severe depression"): {"despair": 4.0, "calm": 0.3, "happiness": 0.2},
        ("mental_health_status", "anxiety"): {"anxiety": 4.0},
    },
}


def sample(rng: Random, scenario: str, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """One person, all ten attributes, each a bucket of the catalogue (a trade for ``profession``).

    ``scenario`` is the domain's id; an unknown one tilts nothing. What is ``given`` (attribute -> value) stays, and
    tilts what depends on it. The same state of ``rng``, the same person."""
    person: dict[str, str] = {}
    known = {"scenario": scenario}
    for attribute in _ORDER:
        buckets = BUCKETS[attribute] or _PROFESSIONS
        if given and attribute in given:
            person[attribute] = known[attribute] = given[attribute]
            continue
        value = rng.choices(buckets, weights=_weights(attribute, buckets, known))[0]
        person[attribute] = known[attribute] = value
    return person


def _weights(attribute: str, buckets: Sequence[str], known: Mapping[str, str]) -> list[float]:
    odds = _ODDS.get(attribute, {})
    weights = [odds.get(bucket, 1.0) for bucket in buckets]
    for (parent, value), factors in _TILTS[attribute].items():
        if known.get(parent) == value:
            weights = [weight * factors.get(bucket, 1.0) for weight, bucket in zip(weights, buckets, strict=True)]
    return weights
