"""One part of a policy file as a page shows it: numbered lines, each mistake below the line it is in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.policy.diagnostics import Diagnostic
from bot.review.operating import Source

LINES: Final = 300
CHARACTERS: Final = 60_000
WIDEST: Final = 300
"""Most lines and characters of one part, and most characters shown of one line: a page stays below 150 kB."""
_BEFORE: Final = 5
_NOTES: Final = 50


@dataclass(frozen=True, slots=True)
class SourceLine:
    number: int
    text: str
    notes: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """``before`` and ``after`` are the lines from which the neighbouring parts are shown; None at the file's ends."""

    lines: tuple[SourceLine, ...]
    before: int | None
    after: int | None
    last: int


def excerpt(source: Source, line: int) -> Excerpt:
    """The part that holds ``line`` (from 1), which may be any number."""
    total = max(len(source.lines), max((each.line for each in source.diagnostics), default=0))
    first = max(1, min(line, total) - _BEFORE)
    notes: dict[int, list[Diagnostic]] = {}
    for each in source.diagnostics:
        notes.setdefault(each.line, []).append(each)
    shown: list[SourceLine] = []
    room, told = CHARACTERS, 0
    for number in range(first, min(total, first + LINES - 1) + 1):
        text = source.lines[number - 1] if number <= len(source.lines) else ""
        here = tuple(notes.get(number, ())[: _NOTES - told])
        told += len(here)
        text = text if len(text) <= WIDEST else f"{text[:WIDEST]}..."
        room -= 4 * len(text)  # as bytes, at worst
        if room < 0 and shown:
            break
        shown.append(SourceLine(number, text, here))
    last = first + len(shown) - 1
    before = None if first == 1 else max(1, first - LINES + _BEFORE)
    return Excerpt(tuple(shown), before, last + 1 + _BEFORE if last < total else None, total)
