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
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import NamedTuple

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
_NO_PAIRS: dict[str, Pair] = {}


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
    _single: dict[str, Pair] = field(init=False, repr=False, default_factory=dict)
    _word: dict[str, Pair] = field(init=False, repr=False, default_factory=dict)
    _first: dict[str, Pair] = field(init=False, repr=False, default_factory=dict)
    _next: dict[str, dict[str, Pair]] = field(init=False, repr=False, default_factory=dict)
    _far: dict[str, dict[str, Pair]] = field(init=False, repr=False, default_factory=dict)
    _both: dict[str, dict[str, Pair]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Sort the weights by the words of their features, so that scoring builds no strings."""
        for name, pair in self.weights.items():
            first, _, rest = name.partition(" ")
            if rest:
                pairs = self._far if rest.startswith("_ ") else self._next
                pairs.setdefault(first, {})[rest.removeprefix("_ ")] = pair
            elif "&" in name:
                first, _, second = name.partition("&")
                self._both.setdefault(first, {})[second] = pair
            else:
                table = {"=": self._word, "^": self._first}.get(name[0], self._single)
                table[name.lstrip("=^")] = pair

    def score(self, words: Sequence[str]) -> Pair:
        """The score of one piece by role, in hundredths; the bias where it has no known feature."""
        senses = [SENSE.get(word, word) for word in words]
        single, alone = self._single, self._word
        found = [single[sense] for sense in senses if sense in single]
        found += [alone[word] for word in words if word in alone]
        found += [self._first[sense] for sense in senses[:1] if sense in self._first]
        for place, first in enumerate(senses, 1):
            near, far = self._next.get(first), self._far.get(first)
            if near is not None and (pair := near.get(senses[place] if place < len(senses) else "")) is not None:
                found.append(pair)
            if far is not None:
                found += [far[later] for later in senses[place + 1 : place + 3] if later in far]
        shared = sorted(_SENSES.intersection(senses))
        for place, first in enumerate(shared, 1):
            both = self._both.get(first, _NO_PAIRS)
            found += [both[second] for second in shared[place:] if second in both]
        share, less = SHARES[len(words)], margin(words)
        disclosure, request = sum([one for one, _ in found]), sum([one for _, one in found])
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
