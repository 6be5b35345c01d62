"""Figures for Prometheus, made of the closed list of events. No label names a person, a workspace or a turn."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Final

from cachetools import LRUCache
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from bot.telemetry.events import Event, Plain

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
UNDER_WAY: Final = 50_000
"""Turns whose first effect is waited for; of more, the oldest are left out of the latencies."""
VALUES: Final = 40
"""Different values of one label at most; whatever comes after them counts as ``other``."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:/ -]{1,64}")
_LATENCIES: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_LAGS: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_STORES: Final[Mapping[Event, str]] = {
    Event.PROFILES_DOWN: "profile",
    Event.NOT_REMEMBERED: "profile",
    Event.CONSENTS_DOWN: "consent",
    Event.NOT_CLAIMED: "turns",
    Event.NOT_REVIEWED: "review",
    Event.NOT_FORGOTTEN: "erasures",
    Event.POLICY_NOT_KEPT: "policies",
    Event.UNREADABLE: "unreadable",
    Event.NOT_SWEPT: "unswept",
}
"""Events that say a store failed, with its name; an event that carries the field ``store`` says it itself."""


class Metrics:
    """``take`` is a Sink. ``timer`` gives seconds that only grow."""

    def __init__(self, timer: Callable[[], float] = time.perf_counter) -> None:
        self._timer = timer
        self._registry = CollectorRegistry(auto_describe=True)
        self._values: dict[str, set[str]] = {}
        self._arrived: LRUCache[str, float] = LRUCache(UNDER_WAY)
        self._events = self._counter("raise_events", "Events of the log, by name", "event")
        self._turns = self._counter("raise_turns", "Turns by how they ended", "platform", "outcome")
        self._arrivals = self._counter("raise_arrivals", "Events that came in from platforms", "platform", "kind")
        self._first = self._histogram("raise_first_effect_seconds", "From an event's arrival to its first effect")
        self._whole = self._histogram("raise_turn_seconds", "What a turn took, without waiting for its place")
        self._wait = self._histogram("raise_turn_wait_seconds", "From an event's arrival to the beginning of its turn")
        self._shown = self._counter("raise_shown", "Messages by kind and outcome", "platform", "kind", "outcome")
        self._calls = self._counter("raise_model_calls", "Calls of models", "model", "purpose", "outcome")
        self._tokens = self._counter("raise_model_tokens", "Tokens as models counted them", "model", "direction")
        self._usd = self._counter("raise_model_usd", "US dollars by the price list", "model")
        self._unpriced = self._counter("raise_model_unpriced", "Calls whose price is not known", "model")
        self._call = self._histogram("raise_model_call_seconds", "What a call of a model took", "model")
        self._crises = self._counter("raise_crisis_shown", "Times that crisis resources were shown", "severity")
        self._stores = self._counter("raise_store_errors", "Failures of stores", "store")
        self._connected = self._gauge("raise_connected", "1 while the connection to the platform is up", "platform")
        self._policy = self._gauge("raise_policy", "1 for the policy that is served", "policy")
        self._cases = self._gauge("raise_cases", "Cases that wait for moderators; late: past the deadline", "state")
        self._queue = self._gauge("raise_queue_turns", "Turns claimed and not ended, of all processes")
        self._lag = self._histogram("raise_loop_lag_seconds", "How late the event loop wakes", buckets=_LAGS)
        self._takers: Mapping[str, Callable[[Mapping[str, Plain]], None]] = {
            Event.ARRIVED: self._on_arrived,
            Event.TURN_BEGAN: self._on_began,
            Event.SHOWN: self._on_shown,
            Event.TURN_ENDED: self._on_ended,
            Event.MODEL_CALLED: self._on_call,
            Event.CRISIS_SHOWN: lambda fields: self._add(self._crises, severity=fields.get("severity")),
            Event.CONNECTION_MADE: lambda fields: self._set(self._connected, 1, platform=fields.get("platform")),
            Event.CONNECTION_LOST: lambda fields: self._set(self._connected, 0, platform=fields.get("platform")),
            Event.STARTED: self._on_policy,
            Event.POLICY_LOADED: self._on_policy,
            Event.MEASURED: self._on_measured,
        }
        for event in Event:  # an alert on an increase needs the zero before it
            self._events.labels(event.value)
        for store in set(_STORES.values()):
            self._add(self._stores, 0, store=store)

    def take(self, event: str, fields: Mapping[str, Plain]) -> None:
        """Count one event."""
        self._events.labels(event).inc()
        taker = self._takers.get(event)
        if taker is not None:
            taker(fields)
        if event in _STORES:
            self._add(self._stores, store=fields.get("store") or _STORES[Event(event)])

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)

    # -- events ------------------------------------------------------------------------------------------------------

    def _on_arrived(self, fields: Mapping[str, Plain]) -> None:
        self._arrived.setdefault(str(fields.get("turn")), self._timer())
        self._add(self._arrivals, platform=fields.get("platform"), kind=fields.get("kind"))

    def _on_began(self, fields: Mapping[str, Plain]) -> None:
        arrived = self._arrived.get(str(fields.get("turn")))
        if arrived is not None:
            self._observe(self._wait, self._timer() - arrived, platform=fields.get("platform"))

    def _on_shown(self, fields: Mapping[str, Plain]) -> None:
        platform, outcome = fields.get("platform"), fields.get("outcome")
        self._add(self._shown, platform=platform, kind=fields.get("kind"), outcome=outcome)
        if outcome == "undelivered":
            return
        arrived = self._arrived.pop(str(fields.get("turn")), None)
        if arrived is not None:
            self._observe(self._first, self._timer() - arrived, platform=platform)

    def _on_ended(self, fields: Mapping[str, Plain]) -> None:
        self._arrived.pop(str(fields.get("turn")), None)
        self._add(self._turns, platform=fields.get("platform"), outcome=fields.get("outcome"))
        self._observe(self._whole, _number(fields.get("seconds")), platform=fields.get("platform"))

    def _on_call(self, fields: Mapping[str, Plain]) -> None:
        model, calls = fields.get("model"), _number(fields.get("calls"))
        self._add(self._calls, calls, model=model, purpose=fields.get("kind"), outcome=fields.get("outcome"))
        self._observe(self._call, _number(fields.get("seconds")), model=model)
        for direction in ("input", "output"):
            self._add(self._tokens, _number(fields.get(f"{direction}_tokens")), model=model, direction=direction)
        if fields.get("usd") is None:
            self._add(self._unpriced, calls, model=model)
        else:
            self._add(self._usd, _number(fields.get("usd")), model=model)

    def _on_policy(self, fields: Mapping[str, Plain]) -> None:
        self._policy.clear()
        self._values.pop("policy", None)
        self._set(self._policy, 1, policy=fields.get("policy"))

    def _on_measured(self, fields: Mapping[str, Plain]) -> None:
        match fields.get("kind"):
            case "loop_lag":
                self._lag.observe(_number(fields.get("seconds")))
            case "queue":
                self._queue.set(_number(fields.get("count")))
            case kind:
                self._set(self._cases, _number(fields.get("count")), state=str(kind).removeprefix("cases_"))

    # -- figures -----------------------------------------------------------------------------------------------------

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(name, what, labels, registry=self._registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(name, what, labels, registry=self._registry)

    def _histogram(
        self, name: str, what: str, label: str = "platform", buckets: tuple[float, ...] = _LATENCIES
    ) -> Histogram:
        labels = () if buckets is _LAGS else (label,)
        return Histogram(name, what, labels, registry=self._registry, buckets=buckets)

    def _add(self, counter: Counter, count: float = 1, **labels: Plain) -> None:
        counter.labels(**self._safe(labels)).inc(count)

    def _set(self, gauge: Gauge, value: float, **labels: Plain) -> None:
        gauge.labels(**self._safe(labels)).set(value)

    def _observe(self, histogram: Histogram, seconds: float, **labels: Plain) -> None:
        histogram.labels(**self._safe(labels)).observe(seconds)

    def _safe(self, labels: Mapping[str, Plain]) -> dict[str, str]:
        return {name: self._value(name, str(value)) for name, value in labels.items()}

    def _value(self, label: str, value: str) -> str:
        """A label's value as it may be shown: a plain name, and never more different ones than VALUES."""
        known = self._values.setdefault(label, set())
        if value in known:
            return value
        if len(known) >= VALUES or not _PLAIN.fullmatch(value):
            return "other"
        known.add(value)
        return value


def _number(value: Plain) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
