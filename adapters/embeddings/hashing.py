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
from numpy.typing import NDArray

from bot.llm.embedder import Vectors

NAME: Final = "hashing-2"
DIMENSIONS: Final = 512
LONGEST_TEXT: Final = 8_000
"""Characters read of one text; what comes after does not count (a bound on time, not a claim about meaning)."""

_TOKEN: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_FUNCTION_WORDS: Final = frozenset(
    b"a about am an and are as at be been but by did do does for from had has have he her him his i i'm i've if in is "
    b"it it's its me my of on or our she so that the their them they this to us was we were what when which who will "
    b"with would you your".split()
)
_WORD, _FUNCTION, _PAIR, _GRAM = range(4)
_WEIGHTS: Final = np.array([1.0, 0.3, 0.5, 0.35])
_KIND_BITS: Final = 2
_KIND: Final = 2**_KIND_BITS - 1
_GRAMS: Final = (3, 4)
_KNOWN_WORDS: Final = 4096
"""Words whose features are remembered."""
_HALF: Final = 2**31
"""Hashes from here on count negatively, so that collisions cancel out on average."""


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
def _of_word(word: bytes) -> bytes:
    """Features of a word and its n-grams."""
    if word in _FUNCTION_WORDS:
        return _packed([_feature(b"w" + word, _FUNCTION)])
    framed = b"<" + word + b">"
    grams = [framed[start : start + size] for size in _GRAMS for start in range(len(framed) - size + 1)]
    return _packed([_feature(b"w" + word, _WORD), *(_feature(gram, _GRAM) for gram in grams)])


def _feature(what: bytes, kind: int) -> int:
    """Its hash, and in the last bits its kind, which keeps words, pairs and n-grams apart that hash alike."""
    return crc32(what) << _KIND_BITS | kind


def _packed(features: Iterable[int]) -> bytes:
    return array("q", features).tobytes()


def _features(text: str) -> NDArray[np.int64]:
    """Every feature, once for each time it occurs, in ascending order."""
    words = [token.encode() for token in tokens(text)]
    pairs = _packed(_feature(b"p" + before + b" " + word, _PAIR) for before, word in pairwise(words))
    found = np.frombuffer(bytearray(b"".join([*map(_of_word, words), pairs])), dtype=np.int64)
    found.sort()
    return found


def _fill(row: Vectors, text: str) -> None:
    found = _features(text)
    if not len(found):
        return
    edges = np.ones(len(found) + 1, dtype=bool)
    np.not_equal(found[1:], found[:-1], out=edges[1:-1])
    bounds = edges.nonzero()[0]
    features, times = found[bounds[:-1]], bounds[1:] - bounds[:-1]
    values = _WEIGHTS[features & _KIND]
    if len(features) < len(found):
        values *= 1 + np.log(times)
    hashes = features >> _KIND_BITS
    values[hashes >= _HALF] *= -1
    sums = np.bincount(hashes % DIMENSIONS, weights=values, minlength=DIMENSIONS)
    length = math.sqrt(float(sums @ sums))
    if length > 0:
        np.divide(sums, length, out=row, casting="same_kind")
