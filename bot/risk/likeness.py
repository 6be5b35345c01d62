"""A small linear model: how much a message is like those of people in danger from themselves, in two roles.

The second detector beside the rules, for what people say in words no rule foresees. One head hears disclosures ("I
don't want to wake up"), the other requests for harm ("how do I hide my cuts"); they share their features. It reads
normalised words, in pieces of a sentence or two, as senses (:mod:`bot.risk.senses`): each alone, in pairs up to three
words apart, and in pairs of senses anywhere in the piece. Trained by ``python -m bot.risk.train`` on own-written
sentences (``bot/risk/exemplars``), which also sets the thresholds by cross-validation; its weights are a text file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import NamedTuple

from bot.frozen import dataclass
from bot.risk.phrases import BREAKS
from bot.risk.senses import SENSE

WEIGHTS = Path(__file__).with_name("weights.json")
ROLES = ("disclosure", "request")
_PIECE = 26
"""Words of a piece, at most; longer sentences are read in halves that overlap."""
_SHORTEST = 3
_SENSES = frozenset(SENSE.values())
_GRAVE_SENSES = frozenset(
    ("DIE", "LIVE", "BORN", "GONE", "FOREVER", "SLEEP", "WAKE", "END", "CUT", "MARK", "BLEED", "BODY", "HARM", "PILLS")
) | frozenset(("ROPE", "GUN", "HEIGHT", "JUMP", "EAT", "VOMIT", "WEIGHT", "FAST", "TOXIC", "SORRY", "BURDEN", "PAIN"))
_GRAVE = frozenset(word for word, sense in SENSE.items() if sense in _GRAVE_SENSES)
_NAMED = frozenset(word for word, sense in SENSE.items() if sense == "KILLSELF")
_MILD_SENSES = frozenset(
    ("END", "GONE", "FOREVER", "SLEEP", "WAKE", "LIVE", "BORN", "EAT", "WEIGHT", "BODY")
) | frozenset(("HEIGHT", "JUMP", "PAIN", "SORRY", "CUT"))
_EVERYDAY = (
    "gas exhaust belt skip fast hang hanging damage punch scratch smash ruin chemical shoot shooting medicine drug"
)
_PLAIN = frozenset(word for word in _GRAVE if SENSE[word] not in _MILD_SENSES and word not in _EVERYDAY.split()) | {
    "myself",
    "oneself",
    "suicide",
}
MARGIN = 150
"""What a piece without a plain word of danger must score beyond the others, in hundredths: such pieces fill ordinary
talk far more than the exemplars."""
_ASKING = frozenset(word for word, sense in SENSE.items() if sense in ("ASK", "WAYS", "GAME")) | frozenset(
    ("how", "which", "where", "what")
)
_OPENINGS = """
who why is are can could would should does help let be act play pretend imagine continue finish plan draft make come
rate rank compare praise inspire motivate congratulate insult convince persuade prove talk find set check design draw
put say cheer call best fastest easiest quickest surest drugs excuses alternatives motivational sad
"""
_OPENING = _ASKING | frozenset(_OPENINGS.split())
SHARES = tuple((8 / max(4, words)) ** 0.5 for words in range(_PIECE + 1))
"""What a feature counts by the number of words of its piece, so that long pieces are not alarming for their length."""

Pair = tuple[int, int]
_NO_PAIRS: dict[str, int] = {}
_SHIFT = 32
_HALF = 1 << (_SHIFT - 1)


def _packed(pair: Pair) -> int:
    """Two whole numbers as one, so that one sum adds both."""
    return (pair[0] << _SHIFT) + pair[1]


def _unpacked(total: int) -> Pair:
    low = (total + _HALF) % (1 << _SHIFT) - _HALF
    return (total - low) >> _SHIFT, low


_Word = tuple[str, int, int, dict[str, int], dict[str, int]]
"""What the model knows of a word: its sense; packed weights of the word, of the word as the first, of a word right
after it and of one a little later. A bare tuple: those of another class are taken apart slowly."""
_UNKNOWN: _Word = ("", 0, 0, _NO_PAIRS, _NO_PAIRS)


class Thresholds(NamedTuple):
    """From which score, by role, a piece counts as concern and as high; scores in hundredths."""

    concern: Pair
    high: Pair


@dataclass(frozen=True, slots=True)
class Likeness:
    """``weights`` by feature, in hundredths and by role; a piece scores ``bias`` plus the sum of its features' weights,
    or a share of it where it is long, less its :func:`margin`: the log of the odds that it is danger, were both
    equally frequent. Whole numbers, so that no order of adding matters."""

    bias: Pair
    thresholds: Thresholds
    weights: Mapping[str, Pair]
    _words: dict[str, _Word] = field(init=False, repr=False, default_factory=dict)
    _both: dict[str, dict[str, int]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Sort the weights by the words of their features, so that scoring builds no strings."""
        kinds: dict[str, dict[str, int]] = {kind: {} for kind in ("", "=", "^")}
        near: dict[str, dict[str, int]] = {}
        far: dict[str, dict[str, int]] = {}
        for name, pair in self.weights.items():
            first, _, rest = name.partition(" ")
            packed = _packed(pair)
            if rest:
                (far if rest.startswith("_ ") else near).setdefault(first, {})[rest.removeprefix("_ ")] = packed
            elif "&" in name:
                first, _, second = name.partition("&")
                self._both.setdefault(first, {})[second] = packed
            else:
                kinds[name[0] if name[0] in "=^" else ""][name.lstrip("=^")] = packed
        single, alone, opening = kinds.values()
        seconds = {word for pairs in (*near.values(), *far.values()) for word in pairs}
        for word in {*SENSE, *single, *opening, *near, *far, *seconds}:
            sense = SENSE.get(word, word)
            weight = single.get(sense, 0) + (alone.get(word, 0) if word in SENSE else 0)
            pairs = near.get(sense, _NO_PAIRS), far.get(sense, _NO_PAIRS)
            self._words[word] = (sense, weight, opening.get(sense, 0), *pairs)

    def score(self, words: Sequence[str]) -> Pair:
        """The score of one piece by role, in hundredths; the bias where it has no known feature."""
        known = self._words
        total = known.get(words[0], _UNKNOWN)[2] if words else 0
        senses: list[str] = []
        second = third = fourth = ""  # senses of the words after the one that is read; none has this name
        for word in reversed(words):
            read = known.get(word)
            if read is None:
                second, third, fourth = "", second, third
                continue
            sense, weight, _, near, far = read
            total += weight
            if second in near:
                total += near[second]
            if third in far:
                total += far[third]
            if fourth in far:
                total += far[fourth]
            second, third, fourth = sense, second, third
            senses.append(sense)
        shared = sorted(_SENSES.intersection(senses))
        for place, first in enumerate(shared, 1):
            both = self._both.get(first)
            if both is not None:
                total += sum([both.get(second, 0) for second in shared[place:]])
        disclosure, request = _unpacked(total)
        share, less = SHARES[len(words)], margin(words)
        return self.bias[0] + round(share * disclosure) - less, self.bias[1] + round(share * request) - less


def singles(words: Sequence[str]) -> list[str]:
    """The features of one word: its sense, the word itself beside it, and the first word."""
    found = [SENSE.get(word, word) for word in words]
    first = f"^{found[0]}" if found else "^"
    return [*found, *(f"={word}" for word in words if word in SENSE), first]


def features(words: Sequence[str]) -> list[str]:
    """All features of a piece of at most :data:`_PIECE` words, by name; as often as they occur."""
    senses = [SENSE.get(word, word) for word in words]
    shared = sorted(_SENSES.intersection(senses))
    near = [f"{first} {second}" for first, second in pairwise(senses)]
    far = [f"{first} _ {second}" for apart in (2, 3) for first, second in zip(senses, senses[apart:], strict=False)]
    return [*singles(words), *near, *far, *(f"{first}&{second}" for first, second in combinations(shared, 2))]


def audible(words: Sequence[str]) -> list[Sequence[str]]:
    """The pieces of a message that the model judges: all but those that name suicide and nothing else of danger, which
    the rules know better (titles, statistics, denials)."""
    return [piece for piece in pieces(words) if _NAMED.isdisjoint(piece) or not _GRAVE.isdisjoint(piece)]


def margin(piece: Sequence[str]) -> int:
    """What is taken off the score of a piece, in hundredths."""
    return MARGIN if _PLAIN.isdisjoint(piece) else 0


def asks(piece: Sequence[str]) -> bool:
    """Whether a piece may be a request: it asks or bids, or opens like a question."""
    return not _ASKING.isdisjoint(piece) or not _OPENING.isdisjoint(piece[:3])


def pieces(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Sentences, the long ones in overlapping pieces; a sentence too short to mean much goes with the next. Where
    there are several, then also the message in pieces that overlap, across its sentences."""
    sentences: list[list[str]] = []
    piece: list[str] = []
    if BREAKS.isdisjoint(words):
        piece, words = [*words], ()
    for word in words:
        if word not in BREAKS:
            piece.append(word)
        elif len(piece) >= _SHORTEST:
            sentences.append(piece)
            piece = []
    if piece:
        sentences.append(piece)
    for sentence in sentences:
        yield from _halves(sentence)
    if len(sentences) > 1:
        yield from _halves([word for sentence in sentences for word in sentence])


def _halves(words: Sequence[str]) -> Iterator[Sequence[str]]:
    step = _PIECE // 2
    for start in range(0, max(1, len(words) - step), step):
        yield words[start : start + _PIECE]


@cache
def likeness() -> Likeness:
    """The model that ships with the bot. Raises OSError, ValueError or KeyError where its file is missing or broken."""
    return read(WEIGHTS.read_text(encoding="utf-8"))


def read(text: str) -> Likeness:
    """The model that the text of a weights file holds. Raises ValueError or KeyError where it is broken."""
    stored = json.loads(text)

    def pair(value: Sequence[int]) -> Pair:
        disclosure, request = value
        return int(disclosure), int(request)

    thresholds = Thresholds(pair(stored["concern"]), pair(stored["high"]))
    return Likeness(pair(stored["bias"]), thresholds, {name: pair(both) for name, both in stored["weights"].items()})
