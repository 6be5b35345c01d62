"""YAML values that know their line and column, and what they are as plain data."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER: Final = re.compile(r"[-+]?(\.[0-9]{1,18}|[0-9]{1,18}(\.[0-9]{0,18})?)([eE][-+]?[0-9]{1,3})?")
_WORDS: Final[dict[str, bool | None]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


class Scalar(NamedTuple):
    """A single value as written; ``plain`` means without quotes. Line and column count from 1."""

    text: str
    plain: bool
    line: int
    column: int


class Sequence(NamedTuple):
    items: tuple[Node, ...]
    line: int
    column: int


class Entry(NamedTuple):
    key: Scalar
    value: Node


class Mapping(NamedTuple):
    entries: tuple[Entry, ...]
    line: int
    column: int


Node = Scalar | Sequence | Mapping
Data = None | bool | int | float | str | tuple["Data", ...] | dict[str, "Data"]
Step = str | int


def below(node: Node | None, step: Step) -> Node | None:
    """The value under a key or at an index; None where there is none."""
    if isinstance(node, Mapping):
        return next((value for key, value in node.entries if key.text == step), None)
    if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def data_of(node: Node) -> Data:
    if isinstance(node, Mapping):
        return {key.text: data_of(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return tuple([data_of(item) for item in node.items])
    return _scalar(node.text) if node.plain else node.text


def _scalar(text: str) -> Data:
    """YAML 1.2's core schema, without octal, hexadecimal, infinities and NaN, none of which a policy needs."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return float(text)
    return text
