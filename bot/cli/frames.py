"""Diagnostics for the eye: the line of the file, a caret below the place, a hint, and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from bot.policy.diagnostics import Diagnostic, Level

SHOWN_OF_A_KIND: Final = 3
"""Warnings of one code shown before the rest are only counted."""
WIDEST: Final = 140
"""Characters of a source line shown around the caret."""


def show(folder: Path, diagnostics: Sequence[Diagnostic], *, everything: bool, console: Console | None = None) -> None:
    """Print what was found in ``folder``, errors in full, warnings a few of each kind unless ``everything``."""
    out = console or Console(soft_wrap=True, highlight=False)
    lines: dict[str, list[str]] = {}
    counts = Counter(each.code for each in diagnostics if each.severity is Level.WARNING)
    shown: Counter[str] = Counter()
    for each in diagnostics:
        if each.severity is Level.WARNING:
            shown[each.code] += 1
            if not everything and shown[each.code] > SHOWN_OF_A_KIND:
                continue
        if each.file not in lines:
            lines[each.file] = _lines(folder / each.file)
        out.print(_framed(each, lines[each.file]), end="")
    for code, count in counts.items():
        if not everything and count > SHOWN_OF_A_KIND:
            out.print(Text(f"... and {count - SHOWN_OF_A_KIND} more warnings of the kind {code} (--all shows them)\n"))
    out.print(_summary(folder, diagnostics))


def _framed(found: Diagnostic, lines: Sequence[str]) -> Text:
    colour = "red" if found.severity is Level.ERROR else "yellow"
    text = Text()
    text.append(f"{found.file}:{found.line}:{found.column}: ", style="bold")
    text.append(f"{found.severity.value}: ", style=f"bold {colour}")
    text.append(f"{found.message}\n")
    for line in _frame(found, lines):
        text.append(f"{line}\n", style="dim" if "^" not in line else colour)
    if found.hint:
        text.append("  hint: ", style="bold")
        text.append(f"{found.hint}\n")
    text.append("\n")
    return text


def _frame(found: Diagnostic, lines: Sequence[str]) -> Iterator[str]:
    if not 0 < found.line <= len(lines):
        return
    line = lines[found.line - 1].replace("\t", " ")
    start = max(0, found.column - WIDEST // 2)
    number = str(found.line)
    yield f"  {number} | {line[start : start + WIDEST]}"
    yield f"  {' ' * len(number)} | {' ' * (found.column - 1 - start)}{'^' * _width(line[found.column - 1 :])}"


def _width(rest: str) -> int:
    """How much of the line the caret underlines: one word, or one quoted text."""
    if rest[:1] in ('"', "'") and rest.find(rest[0], 1) > 0:
        return min(rest.find(rest[0], 1) + 1, WIDEST // 2)
    return max(1, min(len((rest.split() or [""])[0].rstrip(":,]}")), WIDEST // 2))


def _lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as stream:
            return stream.read(1_000_000).decode("utf-8", "replace").splitlines()
    except OSError:
        return []


def _summary(folder: Path, diagnostics: Sequence[Diagnostic]) -> Text:
    errors = sum(each.severity is Level.ERROR for each in diagnostics)
    warnings = len(diagnostics) - errors
    text = Text(f"{folder}: ")
    text.append(_counted(errors, "error"), style="bold red" if errors else "bold green")
    text.append(f", {_counted(warnings, 'warning')}. ")
    text.append("This policy would not be served." if errors else "This policy can be served.")
    return text


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"
