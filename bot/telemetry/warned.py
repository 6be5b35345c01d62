"""Warnings of our own loggers as events, so that an operator sees them beside the others."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bot.errors import RaiseBotError
from bot.telemetry.events import Event, Telemetry

LOGGERS: Final = ("adapters", "bot", "raise_bot")
_HOME: Final = Path(__file__).parents[2]
_OURS: Final = tuple(f"{_HOME / room}{os.sep}" for room in ("adapters", "bot"))
_LONGEST: Final = 300


@contextmanager
def told_as_events(telemetry: Telemetry) -> Iterator[None]:
    """Inside, what our loggers say at WARNING and above is told as :attr:`Event.WARNED`."""
    teller = _Teller(telemetry)
    loggers = [logging.getLogger(name) for name in LOGGERS]
    for each in loggers:
        each.addHandler(teller)
    try:
        yield
    finally:
        for each in loggers:
            each.removeHandler(teller)


class _Teller(logging.Handler):
    def __init__(self, telemetry: Telemetry) -> None:
        super().__init__(logging.WARNING)
        self._telemetry = telemetry

    def emit(self, record: logging.LogRecord) -> None:
        self._telemetry.emit(
            Event.WARNED, kind=record.name, outcome=record.levelname.lower(), problem=_words_of(record)[:_LONGEST]
        )


def _words_of(record: logging.LogRecord) -> str:
    """What was said, where our code said it; an SDK that was lent a logger of ours may quote people."""
    if not record.pathname.startswith(_OURS):
        return f"said by {record.module}.{record.funcName}, whose words may quote people"
    values = record.args if isinstance(record.args, tuple) else ()
    try:
        return str(record.msg) % tuple(_plain(each) for each in values)
    except (TypeError, ValueError):
        return str(record.msg)


def _plain(value: object) -> object:
    """Numbers, words that our code chose, and our own errors, which hold no text of people; of anything else its
    kind alone."""
    return value if isinstance(value, str | int | float | RaiseBotError) else type(value).__name__
