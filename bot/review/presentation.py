"""The minimum a moderator needs to see, with identifiers hidden. Blurring is the page's part."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from bot.identity import ConversationKey
from bot.private import Private
from bot.review.cases import Case, Errand, Note
from bot.review.trail import Entry
from bot.review.transcript import Line

LINES: Final = 8
"""Of the conversation's memory, the last lines are enough to judge by."""
Redact = Callable[[str], str]
"""Replaces names, numbers, addresses and other identifiers in a text."""


class Context(StrEnum):
    """What became of the conversation's lines. idle: it ended, and was deleted as the policy says."""

    SHOWN = "shown"
    IDLE = "idle"
    GONE = "gone"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class View:
    """One case as it is shown. ``person`` is who and where, only after revealing; ``lines``, ``notes`` and ``errands``
    hold text of people: hidden by ``Private`` until the face opens it to draw it."""

    case: Case
    context: Context
    lines: tuple[Line, ...]
    notes: tuple[Note, ...]
    errands: tuple[Errand, ...]
    history: tuple[Entry, ...]
    person: Private[ConversationKey] | None = None


def alias(case: Case) -> str:
    """What to call the person: nothing that leads back to them."""
    return f"Person {case.id[-4:]}"


def hidden(view: View, redact: Redact) -> View:
    """The view with identifiers taken out of every text, and without the person."""
    return replace(
        view,
        person=None,
        lines=tuple(replace(line, text=_redacted(line.text, redact)) for line in _last(view.lines)),
        notes=tuple(replace(note, text=_redacted(note.text, redact)) for note in view.notes),
        errands=tuple(
            errand if errand.text is None else replace(errand, text=_redacted(errand.text, redact))
            for errand in view.errands
        ),
    )


def revealed(view: View) -> View:
    """The view with names, numbers and the person's own id."""
    return replace(view, person=view.case.conversation, lines=_last(view.lines))


def _last(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(lines)[-LINES:]


def _redacted(text: Private[str], redact: Redact) -> Private[str]:
    return Private(redact(text.reveal()))
