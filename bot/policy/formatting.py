"""One way to write the same YAML: indentation, gaps, blank lines and line ends; words, order and comments stay.

Works on the scanner's tokens and the lines they stand in, so that what is not structure is never touched: texts are not
folded anew and quotes are kept. What comes out holds the same data, or nothing comes out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import yaml

from bot.policy.diagnostics import Diagnostic
from bot.policy.document import parse

_STEP: Final = 2
_OPENS: Final = yaml.BlockSequenceStartToken | yaml.BlockMappingStartToken
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class _Block:
    """A block list or mapping: the column it stands in, and the one it is to stand in."""

    old: int
    new: int
    sequence: bool
    implied: bool = False
    """A list whose dashes stand in the column of the key above: the scanner does not announce it."""


@dataclass(slots=True)
class _Lines:
    """What is to become of each line: ``starts`` maps a line to its old and new column, ``gaps`` to places in it where
    blanks are to be one blank (from, to)."""

    starts: dict[int, tuple[int, int]] = field(default_factory=dict)
    gaps: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    kept: set[int] = field(default_factory=set)


def formatted(text: str, file: str) -> str | tuple[Diagnostic, ...]:
    """``text`` in the one form; what is wrong with it where it cannot be read."""
    tidy = text.replace("\r\n", "\n").replace("\r", "\n")
    document = parse(tidy, file)
    if document.root is None or document.problems:
        return document.problems
    result = _laid_out(tidy)
    again = parse(result, file)
    if again.problems or again.data() != document.data():
        message = "formatting this file would change what it says; it is left as it is"
        return (Diagnostic(file, 1, 1, message, "write long texts with >- and indent with two spaces", code="format"),)
    return result


def _laid_out(text: str) -> str:
    lines = text.split("\n")
    plan = _planned(text)
    shifts = _shifts(lines, plan)
    written = [_rewritten(line, number, plan, shifts[number]) for number, line in enumerate(lines)]
    body: list[str] = []
    for number, line in enumerate(written):
        tidy = line if number in plan.kept else line.rstrip()
        if tidy or number in plan.kept or (body and body[-1]):
            body.append(tidy)
    while body and not body[-1]:
        body.pop()
    return "\n".join(body) + "\n"


def _planned(text: str) -> _Lines:
    """Read the tokens once."""
    plan, blocks, depth = _Lines(), list[_Block](), 0
    previous: yaml.Token | None = None
    seen: set[int] = set()
    for token in yaml.scan(text, Loader=_LOADER):
        line, column = token.start_mark.line, token.start_mark.column
        before = depth
        if isinstance(token, yaml.FlowSequenceStartToken | yaml.FlowMappingStartToken):
            depth += 1
        elif isinstance(token, yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken):
            depth -= 1
        elif depth == 0:
            _open_or_close(token, blocks, column)
        if depth == 0 and isinstance(token, yaml.KeyToken | yaml.BlockEntryToken) and line not in seen:
            plan.starts[line] = (column, blocks[-1].new)
        if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
            last = token.end_mark.line + (token.end_mark.column > 0)
            plan.kept.update(range(line + 1, last))
        if previous is not None and _one_blank_after(previous, before) and previous.end_mark.line == line:
            plan.gaps.setdefault(line, []).append((previous.end_mark.column, column))
        if not isinstance(token, _OPENS | yaml.KeyToken):
            previous = token
        if not isinstance(token, _OPENS | yaml.BlockEndToken | yaml.StreamStartToken):
            seen.add(line)
    return plan


def _open_or_close(token: yaml.Token, blocks: list[_Block], column: int) -> None:
    if isinstance(token, yaml.BlockEntryToken | yaml.KeyToken | yaml.BlockEndToken):
        ends = not isinstance(token, yaml.BlockEntryToken)
        while ends and blocks and blocks[-1].implied:
            blocks.pop()
    if isinstance(token, _OPENS):
        blocks.append(_Block(column, _below(blocks), isinstance(token, yaml.BlockSequenceStartToken)))
    elif isinstance(token, yaml.BlockEndToken):
        blocks.pop()
    elif isinstance(token, yaml.BlockEntryToken) and not blocks[-1].sequence:
        blocks.append(_Block(column, _below(blocks), sequence=True, implied=True))


def _below(blocks: list[_Block]) -> int:
    return blocks[-1].new + _STEP if blocks else 0


def _one_blank_after(token: yaml.Token, depth: int) -> bool:
    return depth == 0 and isinstance(token, yaml.BlockEntryToken | yaml.ValueToken)


def _shifts(lines: list[str], plan: _Lines) -> list[int]:
    """How far each line moves: with the structure it belongs to; a comment with what it stands above."""
    shifts, current = [0] * len(lines), 0
    for number in range(len(lines)):
        if number in plan.starts:
            old, new = plan.starts[number]
            current = new - old
        shifts[number] = current
    upcoming: tuple[int, int] | None = None
    for number in reversed(range(len(lines))):
        if number in plan.starts:
            upcoming = plan.starts[number]
        elif number not in plan.kept and lines[number].lstrip().startswith("#") and upcoming is not None:
            column = len(lines[number]) - len(lines[number].lstrip())
            if column == upcoming[0]:
                shifts[number] = upcoming[1] - upcoming[0]
    return shifts


def _rewritten(line: str, number: int, plan: _Lines, shift: int) -> str:
    if not line.strip() and number not in plan.kept:
        return ""
    for start, end in reversed(plan.gaps.get(number, [])):
        if end > start and not line[start:end].strip():
            line = f"{line[:start]} {line[end:]}"
    if shift >= 0:
        return " " * shift + line
    return line[min(-shift, len(line) - len(line.lstrip())) :]
