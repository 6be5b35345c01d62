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


def united(found: Iterable[Span]) -> tuple[Span, ...]:
    """The spans in the order of the text, those that overlap joined into one of the kind of the longest: what several
    ways of finding would hide is all hidden."""
    joined: list[Span] = []
    longest = 0
    for span in sorted(found, key=_start):
        length = span.end - span.start
        if joined and span.start < joined[-1].end:
            last = joined[-1]
            kind = span.kind if length > longest else last.kind
            joined[-1] = Span(last.start, max(last.end, span.end), kind)
            longest = max(longest, length)
        else:
            joined.append(span)
            longest = length
    return tuple(joined)


def _start(span: Span) -> int:
    return span.start
