"""Hides what could tell who wrote a text: the port, and the default way of finding, which needs no model.

Used for what moderators see and for what is shown to operators. Presidio can be put behind the same port
(``adapters/redaction``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from bot.telemetry.addresses import addresses
from bot.telemetry.identifiers import named, numbered
from bot.telemetry.names import names
from bot.telemetry.phones import phones
from bot.telemetry.spans import Kind, Span, apart, united

__all__ = ["Kind", "Patterns", "Redactor", "Span", "Together", "redacted"]

_DIGIT: Final = re.compile(r"\d")


class Redactor(Protocol):
    def find(self, text: str) -> tuple[Span, ...]:
        """What to hide in a text: spans in the order of the text, without overlaps."""
        ...


class Patterns:
    """The default Redactor: forms, checksums, numbering plans, and for names the words around them."""

    def find(self, text: str) -> tuple[Span, ...]:
        return apart(_found(text))


class Together:
    """Several Redactors as one: whatever any of them finds is hidden."""

    def __init__(self, *redactors: Redactor) -> None:
        self._redactors = redactors

    def find(self, text: str) -> tuple[Span, ...]:
        return united(span for redactor in self._redactors for span in redactor.find(text))


def _found(text: str) -> Iterable[Span]:
    yield from named(text)
    if _DIGIT.search(text):
        yield from numbered(text)
        yield from addresses(text)
        yield from phones(text)
    yield from names(text)


def redacted(text: str, spans: Sequence[Span]) -> str:
    """The text with every span replaced by its kind in brackets: ``[PERSON]``."""
    if not spans:
        return text
    pieces: list[str] = []
    end = 0
    for span in spans:
        pieces += (text[end : span.start], f"[{span.kind}]")
        end = span.end
    return "".join((*pieces, text[end:]))
