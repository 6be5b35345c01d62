"""What a report is made of, before it is Markdown or HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """``level`` from 1."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The first cell of a row names it; the others are figures."""

    caption: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Picture:
    """``told`` says what ``svg`` shows; a table with the same figures stands beside it."""

    svg: str
    told: str


@dataclass(frozen=True, slots=True)
class Tree:
    """A list with lists inside."""

    items: tuple[tuple[str, Tree | None], ...]


Block = Heading | Text | Lines | Table | Picture | Tree
