"""The default embedder: hashed words and character n-grams. No model, no download, the same on every machine."""

from __future__ import annotations

import math
import re
import unicodedata
from array import array
from collections.abc import Iterable, Sequence
from typing import Final
from zlib import crc32

import numpy as np

from bot.llm.embedder import Vectors
from bot.plain import plain_words
from bot.recent import Remembered

NAME: Final = "hashing-3"
DIMENSIONS: Final = 512
LONGEST_TEXT: Final = 8_000
"""Characters read of one text; what comes after does not count (a bound on time, not a claim about meaning)."""

_TOKEN: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_NUMBER: Final = re.compile(r"\d")
_FUNCTION_WORDS: Final = frozenset(
    b"a about am an and are as at be been but by did do does for from had has have he her him his i i'm i've if in is "
    b"it it's its me my of on or our she so that the their them they this to us was we were what when which who will "
    b"with would you your".split()
)
_WORD, _FUNCTION, _GRAM = 1.0, 0.3, 0.35
"""What a feature of its kind weighs."""
_PAIR, _MINUS_PAIR = array("d", (0.5,)).tobytes(), array("d", (-0.5,)).tobytes()
"""What a pair weighs, as bytes."""
_GRAMS: Final = (3, 4)
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
        for number, text in enumerate(texts):
            _fill(rows[number], text)
        return rows


def tokens(text: str) -> list[str]:
    """Words, lower-cased, compatibility forms and curly apostrophes undone: ``"I CAN’T"`` -> ``["i", "can't"]``."""
    words = plain_words(text[:LONGEST_TEXT])
    if words is not None:
        return words
    return _TOKEN.findall(unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).replace("\u2019", "'").casefold())


_Word = tuple[bytes, int, bytes, bytes]
"""A word as bytes; the hash of what its pairs begin with; and the dimensions and values of its own feature and of its
n-grams, as bytes of int64 and float64 that can be strung together."""


def _read(text: str) -> _Word:
    word = text.encode()
    features, weights = [b"w" + word], [_FUNCTION]
    if word not in _FUNCTION_WORDS:
        framed = b"<" + word + b">"
        grams = [framed[start : start + size] for size in _GRAMS for start in range(len(framed) - size + 1)]
        features, weights = [*features, *grams], [_WORD] + [_GRAM] * len(grams)
    hashes = [*map(crc32, features)]
    signed = [weight if value < _HALF else -weight for value, weight in zip(hashes, weights, strict=True)]
    return (word, crc32(b"p" + word + b" "), _places(hashes), array("d", signed).tobytes())


_remembered = Remembered(_read)
"""For words without digits: no number that somebody told is remembered."""


def _places(hashes: Iterable[int]) -> bytes:
    return array("q", [value % DIMENSIONS for value in hashes]).tobytes()


def _fill(row: Vectors, text: str) -> None:
    words = tokens(text)
    if not words:
        return
    if _NUMBER.search(" ".join(words)):
        read = [_read(word) if _NUMBER.search(word) else _remembered[word] for word in words]
    else:
        read = [*map(_remembered.__getitem__, words)]
    spoken, leads, _, _ = zip(*read, strict=True)
    pairs = dict.fromkeys(map(crc32, spoken[1:], leads))  # each word with what the one before it leads in
    _, _, places, values = zip(*dict(zip(words, read, strict=True)).values(), strict=True)
    halves = [_PAIR if value < _HALF else _MINUS_PAIR for value in pairs]
    found = np.frombuffer(b"".join([*places, _places(pairs)]), dtype=np.int64)
    sums = np.bincount(found, np.frombuffer(b"".join([*values, *halves])), DIMENSIONS)
    length = math.sqrt(float(sums.dot(sums)))
    if length > 0:
        np.divide(sums, length, out=row, casting="same_kind")
