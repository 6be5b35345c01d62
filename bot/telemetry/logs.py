"""Logs by structlog: JSON lines on stderr, of the closed list of events only."""

from __future__ import annotations

import logging
import sys
from typing import Final, TextIO

from bot.telemetry.events import DETAILS, Event, Plain, Telemetry

QUIET: Final = (
    *("aiohttp", "slack_bolt", "slack_sdk", "discord", "anthropic", "openai", "httpx2", "httpcore2"),
    *("dbos", "sqlalchemy", "alembic", "redis", "asyncio", "faker"),
    *("presidio-analyzer", "decision_process", "spacy", "tldextract"),
    *("opentelemetry", "urllib3"),
)
"""Loggers of libraries that are given text of people, or of requests that hold it."""


def telemetry(level: str = "info", stream: TextIO | None = None) -> Telemetry:
    """Telemetry that writes one JSON line per event to ``stream`` (stderr if None) from ``level`` up. What names a
    problem is a warning.

    Records of other libraries' loggers are kept off: their messages may quote what people wrote."""
    import structlog  # takes a tenth of a second, which commands that log nothing need not wait for

    if not logging.getLogger().handlers:
        # Without any handler Python would print warnings of other libraries to stderr.
        logging.getLogger().addHandler(logging.NullHandler())
    hush()
    logger = structlog.wrap_logger(
        structlog.PrintLogger(stream or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        cache_logger_on_first_use=True,
    )

    def sink(event: str, fields: dict[str, Plain]) -> None:
        bad = event == Event.WARNED or fields.get("problem")
        say = logger.debug if event in DETAILS else logger.warning if bad else logger.info
        say(event, **fields)

    return Telemetry(sink)


def hush() -> None:
    """Let nothing that other libraries log reach a handler, whatever one of them sets up for itself later."""
    for name in QUIET:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.setLevel(logging.CRITICAL)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


def silent() -> Telemetry:
    """Telemetry that goes nowhere, for commands whose output is their result."""
    hush()
    return Telemetry(lambda event, fields: None)
