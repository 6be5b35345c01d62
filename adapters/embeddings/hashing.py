"""The default embedder: hashed words and character n-grams. No model, no download, the same on every machine."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.llm.embedder import Vectors

NAME: Final = "hashing-1"
DIMENSIONS: Final = 512
LONGEST_TEXT: Final = 8_000
"""Characters read of one text; what comes after does not count (a bound on time, not a claim about meaning)."""

_TOKEN: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_FUNCTION_WORDS: Final = frozenset(
    b"a about am an and are as at be been but by did do does for from had has have he her him his i i'm i've if in is "
    b"it it's its me my of on or our she so that the their them they this to us was we were what when which who will "
    b"with would you your".split()
)
_WORD_WEIGHT: Final = 1.0
_FUNCTION_WEIGHT: Final = 0.3
_PAIR_WEIGHT: Final = 0.5
_GRAM_WEIGHT: Final = 0.35
_GRAMS: Final = (3, 4)
_KNOWN_WORDS: Final = 4096
"""Words whose hashes are remembered."""
_HALF: Final = 2**31
"""Hashes from here on count negatively, so that collisions cancel out on average."""

Hashes = NDArray[np.uint32]
Places = NDArray[np.intp]


class HashingEmbedder:
    """Words (function words count less), pairs of words and character n-grams within words, by signed hashing with
    CRC-32 into 512 dimensions; sublinear in the number of occurrences; rows of length 1.

    Near in this space means: shares words and parts of words. It knows no synonyms.
    """

    @property
    def name(self) -> str:
        return NAME

    @property
    def dimensions(self) -> int:
        return DIMENSIONS

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (texts, 512). Pure: never fails, never looks anything up."""
        rows = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            _fill(row, text)
        return rows


def tokens(text: str) -> list[str]:
    """Words, lower-cased, compatibility forms and curly apostrophes undone: ``"I CAN’T"`` -> ``["i", "can't"]``."""
    return _TOKEN.findall(unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).replace("\u2019", "'").casefold())


@lru_cache(_KNOWN_WORDS)
def _of_word(word: bytes) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Hashes and weights of a word and its n-grams. A prefix keeps words, pairs and n-grams apart."""
    if word in _FUNCTION_WORDS:
        return (crc32(b"w" + word),), (_FUNCTION_WEIGHT,)
    framed = b"<" + word + b">"
    grams = [crc32(framed[start : start + size]) for size in _GRAMS for start in range(len(framed) - size + 1)]
    return (crc32(b"w" + word), *grams), (_WORD_WEIGHT, *[_GRAM_WEIGHT] * len(grams))


def _features(text: str) -> tuple[list[int], list[float]]:
    """Each feature's hash and weight, one per occurrence."""
    hashes: list[int] = []
    weights: list[float] = []
    before = b""
    for token in tokens(text):
        word = token.encode()
        of_word, how_much = _of_word(word)
        hashes += of_word
        weights += how_much
        if before:
            hashes.append(crc32(b"p" + before + b" " + word))
            weights.append(_PAIR_WEIGHT)
        before = word
    return hashes, weights


def _fill(row: Vectors, text: str) -> None:
    hashes, weights = _features(text)
    if not hashes:
        return
    features = np.array(hashes, dtype=np.uint32)
    values = np.array(weights)
    if len(set(hashes)) < len(hashes):
        features, first, counts = _distinct(features)
        values = values[first] * (1 + np.log(counts))
    values[features >= _HALF] *= -1
    sums = np.bincount(features % DIMENSIONS, weights=values, minlength=DIMENSIONS)
    length = math.sqrt(float(sums @ sums))
    if length > 0:
        row[:] = sums / length


def _distinct(features: Hashes) -> tuple[Hashes, Places, Places]:
    """Each hash once, where it stood first, and how often: ``numpy.unique`` at a third of its cost, which is in its
    generality."""
    order = features.argsort(kind="stable")
    ordered = features[order]
    edges = np.ones(len(order) + 1, dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=edges[1:-1])
    bounds = edges.nonzero()[0]
    starts = bounds[:-1]
    return ordered[starts], order[starts], bounds[1:] - starts
