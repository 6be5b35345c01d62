"""Matching of phrases in what people write: lower-cased words, longest phrase first, linear in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Generic, TypeVar

from bot.frozen import dataclass
from bot.plain import plain_words

T = TypeVar("T")

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|\+")
_PLUS: Final = "+"
"""The sign that is a word of its own."""
_NEGATIONS: Final = frozenset(
    {"not", "no", "never", "isnt", "arent", "wasnt", "dont", "without", "nicht", "pas", "sin"}
)
MOST_WORDS: Final = 400
"""A reply is read up to this many words: background is told in short replies, and long texts go to the model."""


def words(text: str) -> tuple[str, ...]:
    """The words of a text, lower-cased, without apostrophes: ``I'm NOT sure`` -> ``im not sure``."""
    text = text[: MOST_WORDS * 12]
    found = plain_words(text) if _PLUS not in text else None
    if found is None:
        found = _WORD.findall(text)[:MOST_WORDS]
        return tuple(" ".join(found).lower().replace("'", "").replace("’", "").split())
    if "'" in text:
        found = " ".join(found).replace("'", "").split()
    return tuple(found[:MOST_WORDS])


@dataclass(frozen=True, slots=True)
class Hit(Generic[T]):
    """A phrase found: what it stands for, where it starts (word index) and how many words it has."""

    meaning: T
    start: int
    length: int
    negated: bool


@dataclass(slots=True)
class _Node(Generic[T]):
    """A word on the way of some phrases; ``meaning`` where one ends here."""

    next: dict[str, _Node[T]]
    meaning: T | None = None


class Phrases(Generic[T]):
    """A set of phrases, each with a meaning, found in one pass over the words."""

    def __init__(self, entries: Sequence[tuple[str, T]]) -> None:
        self._root: _Node[T] = _Node({})
        for phrase, meaning in entries:
            node = self._root
            for word in words(phrase):
                node = node.next.setdefault(word, _Node({}))
            if node is not self._root and node.meaning is None:
                node.meaning = meaning

    def find(self, text: Sequence[str]) -> Iterator[Hit[T]]:
        """Hits from left to right, never overlapping, the longest at each place."""
        end, first = 0, self._root.next
        if first.keys().isdisjoint(text):  # most texts hold none
            return
        for position, word in enumerate(text):
            if word in first and position >= end and (hit := self._at(text, position)) is not None:
                yield hit
                end = position + hit.length

    def _at(self, text: Sequence[str], position: int) -> Hit[T] | None:
        node, found, length = self._root, None, 0
        for end in range(position, len(text)):
            after = node.next.get(text[end])
            if after is None:
                break
            node = after
            if node.meaning is not None:
                found, length = node.meaning, end + 1 - position
        if found is None:
            return None
        before = text[max(0, position - 2) : position]
        return Hit(found, position, length, any(word in _NEGATIONS for word in before))
