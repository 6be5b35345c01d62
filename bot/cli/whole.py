"""Files that are replaced whole or not at all, also when a command is killed while it writes."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bot.errors import InputError


@contextmanager
def whole(path: Path) -> Iterator[IO[str]]:
    """A file that is replaced whole or not at all. Raises InputError where it cannot be written."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8") as file:
            yield file
        part.replace(path)
    except OSError as problem:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise InputError(f"{path}: cannot be written: {problem.strerror}") from None


def write_manifest(path: Path, told: Mapping[str, object]) -> None:
    """Write a JSON file for people to read. Raises InputError."""
    with whole(path) as file:
        json.dump(told, file, ensure_ascii=False, indent=2)
        file.write("\n")
