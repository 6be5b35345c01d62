"""The words for danger: how severe, of which kind, and to whom. Shared by the policy, the screen and the desk."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """In rising order: none, concern, high, imminent."""

    NONE = "none"
    CONCERN = "concern"
    HIGH = "high"
    IMMINENT = "imminent"

    @property
    def rank(self) -> int:
        return _ORDER.index(self)


_ORDER = (Severity.NONE, Severity.CONCERN, Severity.HIGH, Severity.IMMINENT)


class Category(StrEnum):
    SELF_HARM = "self_harm"
    VIOLENCE_TO_OTHERS = "violence_to_others"
    ABUSE_SUFFERED = "abuse_suffered"
    EATING_DISORDER = "eating_disorder"
    MEDICAL_EMERGENCY = "medical_emergency"
    EXPLOITATION_OF_MINORS = "exploitation_of_minors"
    FINANCIAL_DESPERATION = "financial_desperation"
    HARASSMENT = "harassment"


class Subject(StrEnum):
    """Whom the danger concerns: the person writing, or someone they speak of."""

    SELF = "self"
    OTHER = "other"
