"""Writing files of a policy folder: whole or not at all, and never outside of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bot.errors import PolicyError
from bot.policy.document import Document
from bot.policy.nodes import Mapping, Sequence


def replace_file(path: Path, text: str) -> None:
    """Put ``text`` in the place of the file in one step; its permissions stay. Raises PolicyError."""
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="\n", dir=path.parent, delete=False) as stream:
            stream.write(text)
        os.chmod(stream.name, mode)  # noqa: PTH101 - the same of a path
        os.replace(stream.name, path)  # noqa: PTH105 - the same of a path
    except OSError as problem:
        raise PolicyError(f"expected to write {path}: {problem.strerror}; check the permissions") from problem


def listed(index: str, key: str, name: str) -> str:
    """``index`` (the text of index.yaml) with ``name`` at the end of the list ``key``; comments stay. Raises
    PolicyError where the list is not written with one '- item' a line."""
    document = Document("index.yaml", index)
    root = document.root
    found = next((value for own, value in root.entries if own.text == key), None) if isinstance(root, Mapping) else None
    lines = index.rstrip("\n").split("\n")
    if found is None:
        return "\n".join([*lines, f"{key}:", f"  - {name}"]) + "\n"
    if not isinstance(found, Sequence) or not found.items or lines[found.line - 1].lstrip()[:1] != "-":
        raise PolicyError(f"expected {key} in index.yaml as one '- item' a line; write it so, or add {name} yourself")
    last = found.items[-1].line
    indent = lines[last - 1][: lines[last - 1].index("-")]
    return "\n".join([*lines[:last], f"{indent}- {name}", *lines[last:]]) + "\n"
