"""Events to spans. A trace holds names and figures, never text: only the attributes listed here leave the process."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Final

from cachetools import LRUCache
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import Span, Status, StatusCode, set_span_in_context

from bot.telemetry.events import Event, Plain

UNDER_WAY: Final = 20_000
"""Turns traced at once; of more, the oldest end early."""
ATTRIBUTES: Final = (
    *("platform", "kind", "domain", "severity", "category", "rule", "outcome", "store"),
    *("model", "calls", "input_tokens", "output_tokens", "usd", "count", "seconds"),
)
"""Fields that a trace may carry. Not on the list: who it was, the turn's own id, problems, addresses."""
_GOOD: Final = frozenset(("ended", "ok", "delivered", "begun"))
_NANO: Final = 1_000_000_000


class Traces:
    """``take`` is a Sink. ``now`` gives nanoseconds since 1970 (time.time_ns); a trace's id is a hash of the turn's, so
    that a turn which another process takes over goes on in the same trace."""

    def __init__(self, exporter: SpanExporter, version: str, now: Callable[[], int] = time.time_ns) -> None:
        self._now = now
        self._ids = _Ids()
        resource = Resource({"service.name": "raise-bot", "service.version": version})
        self._provider = TracerProvider(resource=resource, id_generator=self._ids, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("raise-bot")
        self._open: LRUCache[str, Span] = LRUCache(UNDER_WAY)
        self._arrived: LRUCache[str, int] = LRUCache(UNDER_WAY)

    def take(self, event: str, fields: Mapping[str, Plain]) -> None:
        """Put one event into the trace of its turn; events without a turn are left out."""
        turn = fields.get("turn")
        if not turn:
            return
        match event:
            case Event.ARRIVED:
                self._arrived.setdefault(str(turn), self._now())
            case Event.TURN_BEGAN:
                self._begin(str(turn), fields)
            case Event.STEP_ENDED | Event.MODEL_CALLED:
                self._step(str(turn), event, fields)
            case Event.TURN_ENDED:
                self._end(str(turn), fields)
            case _:
                span = self._open.get(str(turn))
                if span is not None:
                    span.add_event(event, _attributes(fields), self._now())

    def close(self) -> None:
        """Send what is left and stop. Blocks until the collector took it or did not answer in time."""
        for span in self._open.values():
            span.end(self._now())
        self._open.clear()
        self._provider.shutdown()

    def _begin(self, turn: str, fields: Mapping[str, Plain]) -> None:
        now = self._now()
        if turn in self._open:  # the engine tries the turn again
            self._open[turn].add_event(Event.TURN_BEGAN, _attributes(fields), now)
            return
        arrived = self._arrived.pop(turn, now)
        self._ids.trace = int.from_bytes(hashlib.sha256(turn.encode()).digest()[:16], "big")
        # An empty context: whatever else of this process is traced has nothing to do with the turn.
        span = self._tracer.start_span("turn", Context(), attributes=_attributes(fields), start_time=arrived)
        self._open[turn] = span
        self._child(span, "waiting", {}, arrived, now)

    def _step(self, turn: str, event: str, fields: Mapping[str, Plain]) -> None:
        span = self._open.get(turn)
        if span is None:
            return
        now, seconds = self._now(), fields.get("seconds")
        lasted = int(seconds * _NANO) if isinstance(seconds, float | int) else 0
        name = "model" if event == Event.MODEL_CALLED else "step"
        self._child(span, f"{name} {fields.get('kind')}", fields, now - lasted, now)

    def _child(self, parent: Span, name: str, fields: Mapping[str, Plain], start: int, end: int) -> None:
        context = set_span_in_context(parent, Context())
        child = self._tracer.start_span(name, context, attributes=_attributes(fields), start_time=start)
        child.end(end)

    def _end(self, turn: str, fields: Mapping[str, Plain]) -> None:
        outcome = fields.get("outcome")
        if outcome == "postponed" and (span := self._open.get(turn)) is not None:
            span.add_event("postponed", {}, self._now())  # the engine tries again
            return
        span = self._open.pop(turn, None)
        if span is None:
            return
        span.set_attributes(_attributes(fields))
        if outcome not in _GOOD:
            span.set_status(Status(StatusCode.ERROR))
        span.end(self._now())


class _Ids(IdGenerator):
    """Random ids of spans; the trace's id is set before its first span is made."""

    def __init__(self) -> None:
        self.trace = 1

    def generate_span_id(self) -> int:
        return secrets.randbits(64) or 1

    def generate_trace_id(self) -> int:
        return self.trace or 1


def _attributes(fields: Mapping[str, Plain]) -> dict[str, str | int | float | bool]:
    return {f"raise.{name}": value for name in ATTRIBUTES if (value := fields.get(name)) is not None}


def exported(url: str, version: str) -> Traces:
    """Traces sent to an OTLP collector over HTTP; ``url`` is the whole address (``http://127.0.0.1:4318/v1/traces``)."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return Traces(OTLPSpanExporter(endpoint=url, timeout=5), version)
