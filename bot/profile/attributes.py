"""The catalogue: the ten background attributes of PENGUIN (paper, Table 4; METHOD section 2) and their value sets.

Wording, prices and choices live in the policy; this is only what the code must agree on.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Sensitivity(StrEnum):
    """How much it costs a person to tell. Sensitive ones need consent and are asked in private only."""

    ORDINARY = "ordinary"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


class Scope(StrEnum):
    """How long a value may live: this turn, this conversation, or with the person (each with an absolute expiry)."""

    TURN = "turn"
    CONVERSATION = "conversation"
    USER = "user"


BUCKETS: Final[dict[str, tuple[str, ...]]] = {
    "age": ("18-24", "25-34", "35-44", "45-54", "55+"),
    "gender": ("male", "female", "other"),
    "marital_status": ("single", "married", "divorced", "widowed"),
    "profession": (),
    "economic_status": ("stable", "moderate", "difficult", "severe difficulty"),
    "health_status": ("good", "chronic disease", "serious illness"),
    "education_level": ("high school", "bachelor", "master", "PhD", "other"),
    "mental_health_status": ("none", "mild depression", "severe depression", "anxiety", "other"),
    "past_self_harm_history": ("none", "yes"),
    "emotional_state": ("despair", "anxiety", "loneliness", "happiness", "calm", "indifferent", "anger", "other"),
}
"""Attribute id -> closed value set; empty for free text. Real data departs from these sets: a free value is kept
beside its bucket."""

ATTRIBUTES: Final[tuple[str, ...]] = tuple(BUCKETS)

DOMAINS: Final[tuple[str, ...]] = ("life", "education", "relationship", "health", "social", "financial", "career")
