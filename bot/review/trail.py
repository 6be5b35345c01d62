"""The audit trail: who saw, revealed and decided what, and when. Append-only, each line sealed to the one before.

A line holds features only, and names a case by its random id: what ties the case to a person is cut by erasure, so the
chain survives it unchanged. Lines are sealed with HMAC-SHA-256 under a key derived from the deployment's: who can
write the database but has not the key cannot forge one. Lines cut off at the end show as long as the head is kept
beside them, and in any case against an earlier head that was written down (``verify(since=...)``).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.clock import Seconds
from bot.errors import InputError
from bot.review.cases import Event

BEGINNING: Final = "0" * 64
_PURPOSE: Final = b"raise-bot review trail"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line as kept. ``number`` counts from 1 without gaps; ``key`` names the deployment key; ``digest`` seals this
    line and ``previous``."""

    number: int
    case_id: str
    event: Event
    key: str
    previous: str
    digest: str


@dataclass(frozen=True, slots=True)
class Head:
    """Where the trail ends. Written ``NUMBER:DIGEST``."""

    number: int = 0
    digest: str = BEGINNING

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Read ``NUMBER:DIGEST``; raises InputError for any other form."""
        found = re.fullmatch(r"(\d{1,15}):([0-9a-f]{64})", text.strip())
        if found is None:
            raise InputError(f"expected NUMBER:DIGEST, as `raise-bot audit verify` prints it, got {text[:80]!r}")
        return cls(int(found[1]), found[2])


@dataclass(frozen=True, slots=True)
class Broken:
    """The first line that does not hold, and what is wrong with it."""

    number: int
    problem: str


class Seal:
    """Seals and checks lines. ``keys`` are the deployment's, newest first: the first seals, all of them check."""

    def __init__(self, keys: Iterable[bytes]) -> None:
        derived = [hmac.new(key, _PURPOSE, hashlib.sha256).digest() for key in keys]
        self._keys = {hashlib.sha256(key).hexdigest()[:12]: key for key in derived}
        self._current = next(iter(self._keys))

    def next(self, head: Head, case_id: str, event: Event) -> Entry:
        """The line after ``head``."""
        number = head.number + 1
        content = _canonical(number, case_id, event, self._current, head.digest)
        return Entry(number, case_id, event, self._current, head.digest, self._digest(self._current, content))

    def problem(self, head: Head, entry: Entry) -> str | None:
        """What is wrong with ``entry`` as the line after ``head``; None when it holds."""
        if entry.number != head.number + 1:
            return f"expected line {head.number + 1}, got line {entry.number}: lines are missing or were added"
        if entry.previous != head.digest:
            return "it does not follow from the line before: one of the two was changed"
        if entry.key not in self._keys:
            return f"it was sealed with the key {entry.key}, which is not among the deployment's: add it to RAISE_KEY"
        content = _canonical(entry.number, entry.case_id, entry.event, entry.key, entry.previous)
        if not hmac.compare_digest(self._digest(entry.key, content), entry.digest):
            return "its content was changed after it was written"
        return None

    def _digest(self, key: str, content: bytes) -> str:
        return hmac.new(self._keys[key], content, hashlib.sha256).hexdigest()


def _canonical(number: int, case_id: str, event: Event, key: str, previous: str) -> bytes:
    """One form for one content: JSON with sorted keys, moments to the microsecond."""
    body = {
        "number": number,
        "case": case_id,
        "action": event.action.value,
        "by": event.by,
        "at": moment(event.at),
        "details": dict(event.details),
        "key": key,
        "previous": previous,
    }
    return json.dumps(body, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


def moment(at: Seconds) -> str:
    """A moment as it is sealed: databases may round the last bits of a float, this does not feel it."""
    return f"{at:.6f}"


def details(**values: object) -> Mapping[str, str]:
    """Details of an event: everything as short text, nothing that is None."""
    return {name: str(value) for name, value in values.items() if value is not None}


class Check:
    """Walks the chain line by line. ``heads`` must be met on the way: the one kept beside the lines, read before them,
    and one that was written down earlier. Lines may have come since, none may have gone."""

    def __init__(self, seal: Seal, heads: Iterable[Head]) -> None:
        self._seal = seal
        self._to_meet = {head for head in heads if head.number > 0}
        self._head = Head()

    def add(self, entry: Entry) -> Broken | None:
        problem = self._seal.problem(self._head, entry)
        if problem is not None:
            return Broken(self._head.number + 1, problem)
        self._head = Head(entry.number, entry.digest)
        self._to_meet.discard(self._head)
        if any(head.number == entry.number for head in self._to_meet):
            return Broken(entry.number, "it is not the line that was written down: the trail was made anew since")
        return None

    def end(self) -> Broken | Head:
        """After the last line."""
        if not self._to_meet:
            return self._head
        after, last = self._head.number + 1, max(head.number for head in self._to_meet)
        return Broken(after, f"lines {after} to {last} were there once, and are missing at the end")
