"""The default embedder: hashed words and character n-grams. No model, no download, the same on every machine."""

from __future__ import annotations

import math
import re
import unicodedata
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final
from zlib import crc32

import numpy as np

from bot.llm.embedder import Vectors

NAME: Final = "hashing-3"
DIMENSIONS: Final = 512
LONGEST_TEXT: Final = 8_000
"""Characters read of one text; what comes after does not count (a bound on time, not a claim about meaning)."""

_TOKEN: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_NUMBER: Final = re.compile(rb"\d")
_FUNCTION_WORDS: Final = frozenset(
    b"a about am an and are as at be been but by did do does for from had has have he her him his i i'm i've if in is "
    b"it it's its me my of on or our she so that the their them they this to us was we were what when which who will "
    b"with would you your".split()
)
_WORD, _FUNCTION, _PAIR, _GRAM = 1.0, 0.3, 0.5, 0.35
"""What a feature of its kind weighs."""
_GRAMS: Final = (3, 4)
_KNOWN_WORDS: Final = 4096
"""Words whose features are remembered."""
_HALF: Final = 2**31
"""Hashes from here on count negatively, so that collisions cancel out on average."""


class HashingEmbedder:
    """Words (function words count less), pairs of words and character n-grams within words, by signed hashing with
    CRC-32 into 512 dimensions; a word or pair counts once, however often it is said; rows of length 1.

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


def _features(word: bytes) -> tuple[bytes, bytes]:
    """Those of a word and its n-grams."""
    if word in _FUNCTION_WORDS:
        return _packed([b"w" + word], [_FUNCTION])
    framed = b"<" + word + b">"
    grams = [framed[start : start + size] for size in _GRAMS for start in range(len(framed) - size + 1)]
    return _packed([b"w" + word, *grams], [_WORD] + [_GRAM] * len(grams))


_of_word = lru_cache(_KNOWN_WORDS)(_features)
"""For words without digits: no number that somebody told is remembered."""


def _packed(features: Iterable[bytes], weights: Iterable[float]) -> tuple[bytes, bytes]:
    """Their dimensions and their values, as bytes of int64 and float64 that can be strung together."""
    hashes = [*map(crc32, features)]
    signed = [weight if value < _HALF else -weight for value, weight in zip(hashes, weights, strict=True)]
    return array("q", [value % DIMENSIONS for value in hashes]).tobytes(), array("d", signed).tobytes()


def _fill(row: Vectors, text: str) -> None:
    words = [token.encode() for token in tokens(text)]
    if not words:
        return
    pairs = dict.fromkeys([b"p%b %b" % pair for pair in pairwise(words)])
    of_words = [_features(word) if _NUMBER.search(word) else _of_word(word) for word in dict.fromkeys(words)]
    places, values = zip(*of_words, _packed(pairs, [_PAIR] * len(pairs)), strict=True)
    found = np.frombuffer(b"".join(places), dtype=np.int64)
    sums = np.bincount(found, np.frombuffer(b"".join(values)), DIMENSIONS)
    length = math.sqrt(float(sums @ sums))
    if length > 0:
        np.divide(sums, length, out=row, casting="same_kind")
