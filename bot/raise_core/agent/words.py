"""Matching of phrases in what people write: lower-cased words, longest phrase first, linear in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|\+")
_NEGATIONS: Final = frozenset(
    {"not", "no", "never", "isnt", "arent", "wasnt", "dont", "without", "nicht", "pas", "sin"}
)
MOST_WORDS: Final = 400
"""A reply is read up to this many words: background is told in short replies, and long texts go to the model."""


def words(text: str) -> tuple[str, ...]:
    """The words of a text, lower-cased, without apostrophes: ``I'm NOT sure`` -> ``im not sure``."""
    found: list[str] = []
    for match in _WORD.finditer(text[: MOST_WORDS * 12]):
        found.append(match.group().lower().replace("'", "").replace("’", ""))
        if len(found) == MOST_WORDS:
            break
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Hit(Generic[T]):
    """A phrase found: what it stands for, where it starts (word index) and how many words it has."""

    meaning: T
    start: int
    length: int
    negated: bool


class Phrases(Generic[T]):
    """A set of phrases, each with a meaning, found in one pass over the words."""

    def __init__(self, entries: Sequence[tuple[str, T]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], T]]] = {}
        for phrase, meaning in entries:
            parts = words(phrase)
            if parts:
                self._by_first.setdefault(parts[0], []).append((parts, meaning))
        for group in self._by_first.values():
            group.sort(key=lambda entry: -len(entry[0]))

    def find(self, text: Sequence[str]) -> Iterator[Hit[T]]:
        """Hits from left to right, never overlapping, the longest at each place."""
        position = 0
        while position < len(text):
            hit = self._at(text, position)
            if hit is None:
                position += 1
            else:
                yield hit
                position += hit.length

    def _at(self, text: Sequence[str], position: int) -> Hit[T] | None:
        for parts, meaning in self._by_first.get(text[position], ()):
            if tuple(text[position : position + len(parts)]) == parts:
                before = text[max(0, position - 2) : position]
                return Hit(meaning, position, len(parts), any(word in _NEGATIONS for word in before))
        return None
