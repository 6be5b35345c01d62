"""What can go wrong with a model server, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    STATUS = "status"
    HANG = "hang"
    GARBAGE = "garbage"
    DROP = "drop"
    CUT = "cut"
    LENGTH = "length"
    REFUSE = "refuse"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True)
class Fault:
    """One request that goes wrong. ``after`` chunks of a stream are sent first.

    STATUS: an HTTP error (``status``, ``code``, ``retry_after``); in a stream after chunks: an error event.
    HANG: silence. GARBAGE: bytes that are no wire form. DROP: the connection is torn down. CUT: the answer ends tidily
    but without its final event. LENGTH: stopped by the token limit. REFUSE: the model declines. EXPIRE: not answered
    before its batch came to an end."""

    kind: Kind
    after: int = 0
    status: int = 500
    code: str = "api_error"
    retry_after: float | None = None


RATE_LIMITED = Fault(Kind.STATUS, status=429, code="rate_limit_error", retry_after=2.0)
OVERLOADED = Fault(Kind.STATUS, status=529, code="overloaded_error")
DOWN = Fault(Kind.STATUS)
HANG = Fault(Kind.HANG)
GARBAGE = Fault(Kind.GARBAGE)
DROP = Fault(Kind.DROP)
LENGTH = Fault(Kind.LENGTH)
REFUSE = Fault(Kind.REFUSE)
EXPIRE = Fault(Kind.EXPIRE)
