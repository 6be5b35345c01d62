"""Reading JSON of unknown shape: whatever is not as expected reads as empty."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

Node = Mapping[str, object]
_EMPTY: Final[Node] = {}


def at(node: object, *path: str) -> object:
    """What stands at ``path``; None where there is nothing."""
    for key in path:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def text(node: object, *path: str) -> str:
    """The string at ``path``; empty where there is none."""
    found = at(node, *path)
    return found if isinstance(found, str) else ""


def child(node: object, *path: str) -> Node:
    """The object at ``path``; empty where there is none."""
    found = at(node, *path)
    return found if isinstance(found, Mapping) else _EMPTY


def children(node: object, *path: str) -> list[Node]:
    """The objects in the list at ``path``."""
    found = at(node, *path)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def first(node: object, *path: str) -> Node:
    """The first object of the list at ``path``."""
    return next(iter(children(node, *path)), _EMPTY)


def read_json(raw: str) -> Node | None:
    """One JSON object; None for anything else."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, Mapping) else None
