"""The pieces a message is made of: its words, how they begin, and which follow each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import hypot, sqrt
from typing import Final

from bot.recent import Remembered

EDGE: Final = "\n"
"""Stands before the first word and after the last, so that pairs tell how a message begins and ends."""
_WORD: Final = 1.0
_BEGINNING: Final = 0.4
_PAIR: Final = 0.7
_BEGINNINGS: Final = (3, 4, 5)
"""Letters a word shares with its other forms, and with many of its misspellings."""


def pieces(words: Sequence[str]) -> tuple[Mapping[str, float], float]:
    """Each piece and how much its kind weighs; and the share of that which counts here, so that the squares of what
    counts add up to 1. No word twice as much for being said twice. ``words`` as ``lexicon.tokens`` gives them."""
    found: dict[str, float] = {}
    before = EDGE
    for word in words:
        found.update(of_word[word])
        found[f"{before} {word}"] = _PAIR
        before = word
    found[f"{before} {EDGE}"] = _PAIR
    return found, 1 / hypot(*found.values())


def share_of(words: Sequence[str], singles: int) -> float:
    """The share alone, without naming each pair; ``singles``: how many words and beginnings of words there are."""
    alone, pairs = len({*words}), len({*pairwise((EDGE, *words, EDGE))})
    return 1 / sqrt(_WORD**2 * alone + _BEGINNING**2 * (singles - alone) + _PAIR**2 * pairs)


def weight(piece: str) -> float:
    """How much its kind weighs."""
    return _PAIR if " " in piece else _BEGINNING if piece.endswith("*") else _WORD


def _of_word(word: str) -> Mapping[str, float]:
    """A word and its beginnings. A star tells a beginning from a word that is spelt the same."""
    return {word: _WORD} | {f"{word[:size]}*": _BEGINNING for size in _BEGINNINGS if len(word) > size}


of_word = Remembered(_of_word)
