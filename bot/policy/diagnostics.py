"""What is wrong with a policy, said so that an operator can find it and mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from bot.errors import PolicyError

MOST_TOLD: Final = 50
"""Errors repeated in an exception's message; its ``diagnostics`` has them all."""
LONGEST_SHOWN: Final = 60
"""Characters of an operator's own text repeated in a message."""


class Level(StrEnum):
    """An error keeps the policy from being served; a warning is shown and served."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem. ``line`` and ``column`` count from 1; ``file`` is relative to the policy folder. ``code`` is a
    stable kebab-case name of the kind of problem, for grouping and for editors."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    severity: Level = Level.ERROR
    code: str = "invalid"

    def __str__(self) -> str:
        mark = "" if self.severity is Level.ERROR else "warning: "
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {mark}{self.message}{hint}"


class BrokenPolicy(PolicyError):  # noqa: N818 - the name says what happened
    """A policy folder with at least one error; ``diagnostics`` has every problem, warnings included."""

    def __init__(self, folder: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        errors = [d for d in diagnostics if d.severity is Level.ERROR]
        count = f"{len(errors)} error{'' if len(errors) == 1 else 's'}"
        lines = [f"the policy in {folder} has {count}:", *map(str, errors[:MOST_TOLD])]
        if len(errors) > MOST_TOLD:
            lines.append(f"... and {len(errors) - MOST_TOLD} more: run `raise-bot policy check`")
        super().__init__("\n".join(lines))
        self.diagnostics = diagnostics


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Each problem once, errors before warnings within a file, files in alphabetical order."""
    unique = dict.fromkeys(diagnostics)
    return tuple(sorted(unique, key=lambda d: (d.file, d.line, d.column, d.severity, d.message)))


def closest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known word an operator probably meant, if any is near (``cutoff`` of 1 means the same but for case)."""
    spelled = {other.lower(): other for other in known}
    found = get_close_matches(word.lower(), list(spelled), n=1, cutoff=cutoff)
    return spelled[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint: the nearest known word, else what there is to choose from, else nothing."""
    options = list(known)
    near = closest(word, options)
    if near is not None:
        return f"did you mean {near!r}?"
    if not options:
        return ""
    shown = ", ".join(options[:12]) + (", ..." if len(options) > 12 else "")
    return f"known: {shown}"


def shortened(text: str) -> str:
    """Text for a message: one line, cut after LONGEST_SHOWN characters."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SHOWN else line[: LONGEST_SHOWN - 3] + "..."
