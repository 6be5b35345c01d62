"""What redaction finds: a stretch of a text and its kind. Pure data, shared by every way of finding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is claimed to be found. Places, organisations, dates, ages and nationalities are not: they tell moderators
    what a message is about, and alone they name nobody."""

    PERSON = "PERSON"
    EMAIL = "EMAIL_ADDRESS"
    PHONE = "PHONE_NUMBER"
    ADDRESS = "STREET_ADDRESS"
    POSTCODE = "ZIP_CODE"
    CARD = "CREDIT_CARD"
    IBAN = "IBAN_CODE"
    IP = "IP_ADDRESS"
    URL = "DOMAIN_NAME"
    SSN = "US_SSN"
    ID = "ID_NUMBER"


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` (included) to ``end`` (excluded) of a text."""

    start: int
    end: int
    kind: Kind


def apart(found: Iterable[Span]) -> tuple[Span, ...]:
    """The spans in the order of the text without overlaps; of two that overlap the one given first stays."""
    kept: list[Span] = []
    for span in found:
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return tuple(sorted(kept, key=_start))


def _start(span: Span) -> int:
    return span.start
