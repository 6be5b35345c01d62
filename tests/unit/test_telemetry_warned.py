"""What our own loggers warn of reaches the operator, as an event, without words of people."""

from __future__ import annotations

import io
import json
import logging
from decimal import Decimal

import pytest

from adapters import background
from adapters.background import Background
from adapters.slack.bolt import sdk_logger
from bot.errors import StoreUnavailable
from bot.private import Private
from bot.telemetry.events import Event, Plain, Telemetry
from bot.telemetry.logs import telemetry
from bot.telemetry.warned import told_as_events

CANARY = "kanarienvogel"
Told = list[tuple[str, dict[str, Plain]]]


@pytest.fixture
def told() -> Told:
    return []


def listening(told: Told) -> Telemetry:
    return Telemetry(lambda event, fields: told.append((event, fields)))


async def test_a_warning_of_an_adapter_is_an_event(told: Told) -> None:
    async def fails() -> None:
        raise ValueError(CANARY)

    with told_as_events(listening(told)):
        async with Background() as work:
            work.start(fails(), "settling a question")
            await work.settle(5)
    expected = {
        "kind": "adapters.background",
        "outcome": "warning",
        "problem": "settling a question failed: ValueError",
    }
    assert told == [("warned", expected)]


@pytest.mark.parametrize(
    ("words", "values", "problem"),
    [
        ("no turn: %s", (StoreUnavailable("the ledger is away: try again"),), "no turn: the ledger is away: try again"),
        ("%s after %d tries", (OSError(CANARY), 3), "OSError after 3 tries"),
        ("about %s", (Private(CANARY),), "about Private"),
        ("100 %% of %s", ("it",), "100 % of it"),
        ("%d tries", (Decimal(3),), "%d tries"),
        ("x" * 1_000, (), "x" * 300),
    ],
)
def test_of_what_is_not_ours_only_the_kind_is_told(
    told: Told, words: str, values: tuple[object, ...], problem: str
) -> None:
    log = logging.getLogger("raise_bot.engine")
    with told_as_events(listening(told)):
        log.handle(logging.LogRecord(log.name, logging.WARNING, background.__file__, 1, words, values, None))
    assert [fields["problem"] for _, fields in told] == [problem]


def test_an_sdk_that_was_lent_a_logger_is_not_quoted(told: Told) -> None:
    with told_as_events(listening(told)):
        sdk_logger().warning("Unhandled request: %s", CANARY)
        sdk_logger().error(f"payload {CANARY}", exc_info=ValueError(CANARY))
    assert [fields["outcome"] for _, fields in told] == ["warning", "error"]
    assert CANARY not in str(told)


def test_it_shows_where_only_warnings_are_wanted_and_ends_with_its_context() -> None:
    stream = io.StringIO()
    log = logging.getLogger("adapters.discord.app")
    with told_as_events(telemetry("warning", stream)):
        log.info("connected")
        log.warning("connecting again")
    log.warning("too late")
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["level"] == "warning"
    assert json.loads(line)["event"] == "warned"


def test_what_names_a_problem_is_a_warning_and_what_every_turn_says_is_a_detail() -> None:
    stream = io.StringIO()
    log = telemetry("debug", stream)
    log.emit(Event.REPLICAS_DIFFER, problem="another process serves another policy")
    log.emit(Event.CARDS_ACCEPTED, platform="slack", problem="")
    log.emit(Event.ARRIVED, platform="slack")
    levels = [json.loads(line)["level"] for line in stream.getvalue().splitlines()]
    assert levels == ["warning", "info", "debug"]
