"""A report as Markdown: every table, nothing drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from bot.evaluation.penguin.blocks import Block, Heading, Lines, Picture, Table, Text, Tree


def markdown(blocks: Iterable[Block]) -> str:
    """The whole text."""
    return "\n\n".join(part for block in blocks if (part := _part(block))) + "\n"


def _part(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {text}"
        case Text(text, strong):
            return f"**{text}**" if strong else text
        case Lines(lines):
            return "\n".join(f"- {line}" for line in lines)
        case Table(caption, head, rows):
            return f"*{caption}*\n\n{_table(head, rows)}"
        case Picture():
            return ""
        case Tree():
            return "\n".join(_items(block, 0))
        case _:
            assert_never(block)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(_cell(each) for each in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _items(tree: Tree, depth: int) -> Iterator[str]:
    for text, inner in tree.items:
        yield f"{'  ' * depth}- {text}"
        if inner is not None:
            yield from _items(inner, depth + 1)
