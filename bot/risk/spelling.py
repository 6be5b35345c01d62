"""Disguised and misspelt words brought back to the words of :mod:`bot.risk.lexicon`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from bot.risk.lexicon import SENSITIVE, VOCABULARY

_FUZZY = (
    "suicide",
    "suicidal",
    "anorexia",
    "anorexic",
    "bulimia",
    "bulimic",
    "myself",
    "yourself",
    "overdose",
    "overdosed",
    "hopeless",
    "worthless",
    "depressed",
)
_REAL_NEIGHBOURS = frozenset(("overdone", "depresses", "repressed", "overdoes", "overdosing", "overdoses"))


def _without_one(word: str) -> Iterator[str]:
    return (word[:i] + word[i + 1 :] for i in range(1, len(word)))


_DELETED = {form: word for word in _FUZZY for form in (word, *_without_one(word))}


def respelt(word: str) -> str | None:
    """The sensitive word that ``word`` misspells by one letter (left out, added, changed or swapped), else None.

    Words under six letters are left alone: too many real words are one letter away.
    """
    if not 6 <= len(word) <= 10 or word in _REAL_NEIGHBOURS or word in VOCABULARY:
        return None
    for form in (word, *_without_one(word)):
        found = _DELETED.get(form)
        if found is not None and found[0] == word[0]:
            return found
    return None


def squeeze(word: str) -> str:
    """``word`` with every run of one letter made a single letter."""
    return "".join(letter for i, letter in enumerate(word) if i == 0 or letter != word[i - 1])


SQUEEZED = {squeeze(word): word for word in sorted(VOCABULARY)}
"""So that ``kiiilll`` and ``suiciiide`` find their word."""


def _masks(word: str) -> Iterator[str]:
    inside = range(1, len(word) - 1) if len(word) > 3 else range(1, len(word))
    for count in range(1, min(3, len(word) - 2) + 1):
        for places in combinations(inside, count):
            yield "".join("*" if i in places else letter for i, letter in enumerate(word))


MASKED = {mask: word for word in sorted(SENSITIVE, reverse=True) if len(word) >= 3 for mask in _masks(word)}
"""``su*c*de`` -> ``suicide``; a mask that fits several words goes to the first in the alphabet."""
