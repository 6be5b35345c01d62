"""Events become figures; nothing about people becomes a label."""

from __future__ import annotations

import pytest

from bot.errors import StoreUnavailable
from bot.telemetry.events import Event, Plain, Telemetry
from bot.telemetry.metrics import VALUES, Metrics
from tests.support.metrics import figures, total

CANARY = "kanarienvogel sagt was"


class Timer:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def told() -> tuple[Metrics, Telemetry, Timer]:
    timer = Timer()
    metrics = Metrics(timer)
    return metrics, Telemetry(lambda event, fields: None).also(metrics.take), timer


def test_a_turn_counts_once_with_its_waits() -> None:
    metrics, telemetry, timer = told()
    for _ in range(2):  # the platform sends it again
        telemetry.emit(Event.ARRIVED, turn="t", platform="slack", kind="said")
    timer.seconds += 2
    telemetry.emit(Event.TURN_BEGAN, turn="t", platform="slack")
    timer.seconds += 1
    telemetry.emit(Event.SHOWN, turn="t", platform="slack", kind="answer", outcome="undelivered")
    timer.seconds += 1
    for outcome in ("begun", "delivered"):
        telemetry.emit(Event.SHOWN, turn="t", platform="slack", kind="answer", outcome=outcome)
    telemetry.emit(Event.TURN_ENDED, turn="t", platform="slack", outcome="ended", seconds=2.0)
    shown = metrics.exposition()
    assert total(shown, "raise_arrivals_total", platform="slack", kind="said") == 2
    assert total(shown, "raise_turns_total", platform="slack", outcome="ended") == 1
    assert total(shown, "raise_first_effect_seconds_sum") == 4
    assert total(shown, "raise_first_effect_seconds_count") == 1
    assert total(shown, "raise_turn_wait_seconds_sum") == 2
    assert total(shown, "raise_turn_seconds_sum") == 2
    assert total(shown, "raise_shown_total", outcome="undelivered") == 1


def test_models_are_counted_with_what_they_cost() -> None:
    metrics, telemetry, _ = told()
    call: dict[str, Plain] = {"model": "claude-opus-5", "kind": "answer", "outcome": "ok", "seconds": 0.5}
    telemetry.emit(Event.MODEL_CALLED, calls=2, input_tokens=100, output_tokens=20, usd=0.5, **call)
    telemetry.emit(Event.MODEL_CALLED, calls=1, input_tokens=10, output_tokens=2, usd=None, **call)
    shown = metrics.exposition()
    assert total(shown, "raise_model_calls_total", purpose="answer") == 3
    assert total(shown, "raise_model_tokens_total", direction="input") == 110
    assert total(shown, "raise_model_tokens_total", direction="output") == 22
    assert total(shown, "raise_model_usd_total") == 0.5
    assert total(shown, "raise_model_unpriced_total") == 1


def test_gauges_hold_what_was_measured_last() -> None:
    metrics, telemetry, _ = told()
    for count in (5, 3):
        for kind in ("queue", "cases_open", "cases_late"):
            telemetry.emit(Event.MEASURED, kind=kind, count=count)
    telemetry.emit(Event.MEASURED, kind="loop_lag", seconds=0.2)
    telemetry.emit(Event.CONNECTION_MADE, platform="discord")
    telemetry.emit(Event.CONNECTION_LOST, platform="discord")
    for policy in ("p1", "p2"):
        telemetry.emit(Event.POLICY_LOADED, policy=policy, kind="signal", count=0)
    shown = figures(metrics.exposition())
    assert shown["raise_queue_turns", frozenset()] == 3
    assert shown["raise_cases", frozenset({("state", "open")})] == 3
    assert shown["raise_cases", frozenset({("state", "late")})] == 3
    assert shown["raise_connected", frozenset({("platform", "discord")})] == 0
    assert shown["raise_loop_lag_seconds_sum", frozenset()] == pytest.approx(0.2)
    assert [labels for name, labels in shown if name == "raise_policy"] == [frozenset({("policy", "p2")})]


def test_every_event_and_store_is_there_from_the_start() -> None:
    """An alert on an increase needs the zero before it."""
    shown = figures(Metrics().exposition())
    assert {dict(labels)["event"] for name, labels in shown if name == "raise_events_total"} == set(Event)
    assert shown["raise_store_errors_total", frozenset({("store", "profile")})] == 0


def test_a_store_that_fails_is_counted_by_name() -> None:
    metrics, telemetry, _ = told()
    telemetry.emit(Event.PROFILES_DOWN, turn="t", problem=CANARY)
    telemetry.emit(Event.NOT_SWEPT, store="audit", problem=CANARY)
    shown = metrics.exposition()
    assert total(shown, "raise_store_errors_total", store="profile") == 1
    assert total(shown, "raise_store_errors_total", store="audit") == 1


def test_no_field_that_could_name_anybody_becomes_a_label() -> None:
    metrics, telemetry, _ = told()
    for event in Event:
        telemetry.emit(event, turn=CANARY, person=CANARY, problem=CANARY, address=CANARY, rule=CANARY, attribute=CANARY)
        telemetry.emit(event, platform=CANARY + "!", kind=f"«{CANARY}»", outcome=f"{CANARY}\n", model=f"{CANARY}?")
    assert CANARY not in metrics.exposition().decode()


def test_a_label_never_grows_without_end() -> None:
    metrics, telemetry, _ = told()
    for number in range(10 * VALUES):
        telemetry.emit(Event.MODEL_CALLED, model=f"m{number}", kind="answer", outcome="ok", calls=1, seconds=0.1)
    shown = figures(metrics.exposition())
    calls = {
        dict(labels)["model"]: value for (name, labels), value in shown.items() if name == "raise_model_calls_total"
    }
    assert len(calls) == VALUES + 1
    assert sum(calls.values()) == 10 * VALUES


def test_an_observer_that_fails_stops_nothing() -> None:
    heard: list[tuple[str, dict[str, Plain]]] = []

    def broken(event: str, fields: dict[str, Plain]) -> None:
        raise StoreUnavailable(CANARY)

    telemetry = Telemetry(lambda event, fields: heard.append((event, fields))).also(broken)
    telemetry.emit(Event.CRISIS_SHOWN, turn="t", severity="high")
    assert heard == [
        ("crisis_shown", {"turn": "t", "severity": "high"}),
        ("not_observed", {"kind": "crisis_shown", "problem": "StoreUnavailable"}),
    ]
