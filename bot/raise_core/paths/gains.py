"""The port through which the agent reads what judged sets teach about one query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class MarginalGains(Protocol):
    """What neighbouring queries teach about the query at hand (METHOD 6.2)."""

    def gains(self, known: Mapping[str, str | None], table: Mapping[str, float], left: int) -> Mapping[str, float]:
        """Expected rise of the safety score, in points of the 1-5 scale, for learning each attribute of ``table`` when
        ``known`` (attribute -> bucket, None where it fits no bucket) is known already.

        ``table`` holds the domain table's own expectation for the same attributes; the estimate is shrunk towards it,
        the more the less evidence there is, and is equal to it where there is none. ``left`` questions may still be
        asked: what does not fit the best plan for the next of them ranks behind what does. Pure: no input or output."""
        ...


class EvidenceSource(Protocol):
    """Where the plans of similar queries are found."""

    def about(self, query: str, domain: str) -> MarginalGains | None:
        """What is known about queries like this one; None where nothing is similar enough (the table decides)."""
        ...
