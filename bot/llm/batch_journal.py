"""Which batches were handed in: a file that is written before a provider is asked, so that a kill loses none."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.clock import Seconds
from bot.errors import InputError
from bot.frozen import replace

_TAG: Final = "tag"


@dataclass(frozen=True, slots=True)
class Handed:
    """A batch of ``items`` (ids) under our ``tag``. ``batch`` is the provider's id; empty while nobody knows whether it
    was taken. ``at``: seconds since 1970, before it was handed in."""

    tag: str
    at: Seconds
    items: tuple[str, ...]
    batch: str = ""


class BatchJournal:
    """JSON lines, only ever appended to; a line that was cut off by a kill is dropped. One process at a time."""

    def __init__(self, path: Path) -> None:
        """Raises InputError for a file that is no such journal."""
        self._path = path
        self._handed: dict[str, Handed] = {}
        self._of: dict[str, str] = {}
        self._length = 0
        if path.exists():
            self._read()

    def __len__(self) -> int:
        """How many batches were handed in, and not found lost."""
        return len(self._handed)

    @property
    def ids(self) -> frozenset[str]:
        """The providers' ids that are known."""
        return frozenset(each.batch for each in self._handed.values() if each.batch)

    def batch_of(self, item: str) -> Handed | None:
        """The batch that holds this item."""
        return self._handed.get(self._of.get(item, ""))

    def handing_in(self, tag: str, at: Seconds, items: Sequence[str]) -> Handed:
        """Keep that a batch is about to be handed in. Like the others: on return it outlives the machine. Raises
        InputError where it cannot be written."""
        return self._keep({_TAG: tag, "at": at, "items": list(items)})

    def handed_in(self, tag: str, batch: str) -> Handed:
        """Keep under which id the provider took it."""
        return self._keep({_TAG: tag, "batch": batch})

    def lost(self, tag: str) -> None:
        """Keep that the provider never took it: its items may be handed in again."""
        self._keep({_TAG: tag, "lost": True})

    def discard(self) -> None:
        """Everything was collected and is recorded elsewhere."""
        self._path.unlink(missing_ok=True)
        self._handed, self._of, self._length = {}, {}, 0

    def _keep(self, line: dict[str, object]) -> Handed:
        written = f"{json.dumps(line)}\n".encode()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.truncate(self._length)
                file.write(written)
                file.flush()
                os.fsync(file.fileno())
        except OSError as problem:
            raise InputError(f"{self._path}: cannot be written: {problem.strerror}") from None
        self._length += len(written)
        return self._take(line)

    def _read(self) -> None:
        try:
            with self._path.open("rb") as file:
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    self._take(json.loads(line))
                    self._length += len(line)
        except (OSError, ValueError, KeyError, TypeError):
            raise InputError(f"{self._path}: expected the batches of a run, it cannot be read as such") from None

    def _take(self, line: dict[str, object]) -> Handed:
        tag = str(line[_TAG])
        if "items" in line:
            items = line["items"]
            if not isinstance(items, list):
                raise TypeError(f"expected a list of items, got {type(items).__name__}")
            self._handed[tag] = Handed(tag, float(str(line["at"])), tuple(map(str, items)))
            self._of.update(dict.fromkeys(self._handed[tag].items, tag))
        elif "batch" in line:
            self._handed[tag] = replace(self._handed[tag], batch=str(line["batch"]))
        else:
            return self._handed.pop(tag)
        return self._handed[tag]
