"""The pieces a message is made of: its words, how they begin, and which follow each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import hypot
from typing import Final

EDGE: Final = "\n"
"""Stands before the first word and after the last, so that pairs tell how a message begins and ends."""
_WORD: Final = 1.0
_BEGINNING: Final = 0.4
_PAIR: Final = 0.7
_BEGINNINGS: Final = (3, 4, 5)
"""Letters a word shares with its other forms, and with many of its misspellings."""
_KNOWN_WORDS: Final = 4096


def pieces(words: Sequence[str]) -> tuple[Mapping[str, float], float]:
    """Each piece and how much its kind weighs; and the share of that which counts here, so that the squares of what
    counts add up to 1. No word twice as much for being said twice. ``words`` as ``lexicon.tokens`` gives them."""
    found: dict[str, float] = {}
    before = EDGE
    for word in words:
        found.update(_of_word(word))
        found[f"{before} {word}"] = _PAIR
        before = word
    found[f"{before} {EDGE}"] = _PAIR
    return found, 1 / hypot(*found.values())


def weight(piece: str) -> float:
    """How much its kind weighs."""
    return _PAIR if " " in piece else _BEGINNING if piece.endswith("*") else _WORD


@lru_cache(_KNOWN_WORDS)
def _of_word(word: str) -> Mapping[str, float]:
    """A word and its beginnings. A star tells a beginning from a word that is spelt the same."""
    return {word: _WORD} | {f"{word[:size]}*": _BEGINNING for size in _BEGINNINGS if len(word) > size}
