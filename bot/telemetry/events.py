"""Everything the application may log: a closed list of events, each with the fields it may carry, none of them text.

``Telemetry`` is given to rooms as a value; its sink is structlog in production and a list in tests.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final


class Event(StrEnum):
    STARTED = "started"
    STOPPING = "stopping"
    STOPPED = "stopped"
    MEASURED = "measured"
    NOT_OBSERVED = "not_observed"
    ARRIVED = "arrived"
    TURN_BEGAN = "turn_began"
    SHOWN = "shown"
    STEP_ENDED = "step_ended"
    MODEL_CALLED = "model_called"
    WORKSPACE_GONE = "workspace_gone"
    FEEDBACK = "feedback"
    TURN_ENDED = "turn_ended"
    TURN_FAILED = "turn_failed"
    TURN_GIVEN_UP = "turn_given_up"
    TURN_CANCELLED = "turn_cancelled"
    DECIDED = "decided"
    CRISIS_SHOWN = "crisis_shown"
    CRISIS_UNDELIVERED = "crisis_undelivered"
    UNDELIVERED = "undelivered"
    UNSCREENED = "unscreened"
    SHADOW_FOUND = "shadow_found"
    PROFILES_DOWN = "profiles_down"
    CONSENTS_DOWN = "consents_down"
    NOT_REMEMBERED = "not_remembered"
    FLAG_NOT_TAKEN = "flag_not_taken"
    MODEL_FAILED = "model_failed"
    NOT_CLAIMED = "not_claimed"
    FORGOTTEN = "forgotten"
    NOT_FORGOTTEN = "not_forgotten"
    UNREADABLE = "unreadable"
    NOT_SWEPT = "not_swept"
    NOT_REVIEWED = "not_reviewed"
    CARDS_REFUSED = "cards_refused"
    CARDS_ACCEPTED = "cards_accepted"
    EVIDENCE_LOADED = "evidence_loaded"
    EVIDENCE_UNUSED = "evidence_unused"
    POLICY_LOADED = "policy_loaded"
    POLICY_REFUSED = "policy_refused"
    POLICY_NOT_KEPT = "policy_not_kept"
    TURNED_AWAY = "turned_away"
    REPLICAS_DIFFER = "replicas_differ"
    CONNECTION_LOST = "connection_lost"
    CONNECTION_MADE = "connection_made"
    REJECTED_REQUEST = "rejected_request"
    WARNED = "warned"


DETAILS: Final = frozenset(
    (
        Event.MEASURED,
        Event.ARRIVED,
        Event.TURN_BEGAN,
        Event.SHOWN,
        Event.STEP_ENDED,
        Event.MODEL_CALLED,
        Event.TURN_ENDED,
    )
)
"""Events of every turn: metrics and traces are made of them, logs show them at level ``debug`` only."""

FIELDS: Final = frozenset(
    {
        "turn",
        "person",
        "platform",
        "kind",
        "domain",
        "attribute",
        "policy",
        "severity",
        "category",
        "rule",
        "outcome",
        "problem",
        "model",
        "calls",
        "input_tokens",
        "output_tokens",
        "usd",
        "count",
        "store",
        "seconds",
        "address",
        "version",
    }
)
"""Names a field may have. ``person`` is a pseudonym; ``problem`` is a message of our own errors, which hold no text."""

Plain = str | int | float | bool | None
Sink = Callable[[str, dict[str, Plain]], None]


class Telemetry:
    """Hands events to a sink. Raises ValueError for a field that is not on the list: a leak is a mistake in the code,
    found by the first test that walks that path."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def also(self, sink: Sink) -> Telemetry:
        """The same, telling another sink too. One that fails is told of, and stops nothing."""
        first = self._sink

        def both(event: str, fields: dict[str, Plain]) -> None:
            first(event, fields)
            try:
                sink(event, fields)
            except Exception as failure:  # noqa: BLE001 - who looks on must never stop a turn, least of all in a crisis
                first(Event.NOT_OBSERVED.value, {"kind": event, "problem": type(failure).__name__})

        return Telemetry(both)

    def emit(self, event: Event, **fields: Plain) -> None:
        if not FIELDS.issuperset(fields):
            unknown = sorted(fields.keys() - FIELDS)
            raise ValueError(f"the event {event} may not carry {unknown}; allowed are {sorted(FIELDS)}")
        self._sink(event, fields)
