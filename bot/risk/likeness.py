"""A small linear model: how much a message is like those of people in danger from themselves.

The second detector beside the rules, for what people say in words no rule foresees. It reads normalised words, in
pieces of a sentence or two, as senses (:mod:`bot.risk.senses`): each alone, in pairs up to three words apart, and in
pairs of senses anywhere in the piece. Trained by
``python -m bot.risk.train`` on own-written sentences (``bot/risk/exemplars``); its weights are a text file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

from bot.risk.phrases import BREAKS
from bot.risk.senses import SENSE

WEIGHTS = Path(__file__).with_name("weights.json")
_REACH = 3
_PIECE = 26
"""Words of a piece, at most; longer sentences are read in halves that overlap."""
_SHORTEST = 3
_GRAVE_SENSES = frozenset(
    ("DIE", "KILLSELF", "LIVE", "BORN", "GONE", "FOREVER", "SLEEP", "WAKE", "CUT", "MARK", "BLEED", "BODY", "HARM"),
) | frozenset(("PILLS", "ROPE", "GUN", "HEIGHT", "JUMP", "EAT", "VOMIT", "WEIGHT", "SORRY", "BURDEN", "END", "PAIN"))
_GRAVE = frozenset(word for word, sense in SENSE.items() if sense in _GRAVE_SENSES)


@dataclass(frozen=True, slots=True)
class Likeness:
    """``weights`` by feature; a piece scores ``bias`` plus the sum of its features' weights: the log of the odds that
    it is danger, were both equally frequent."""

    bias: float
    weights: dict[str, float]

    def score(self, words: Sequence[str]) -> float:
        """The score of one piece; the bias where it has no known feature."""
        return self.bias + sum(sorted(self.weights.get(feature, 0.0) for feature in features(words)))

    def scores(self, words: Sequence[str]) -> list[float]:
        """The score of each piece of a message (words with ``.`` and ``?``) that speaks of life, death, harm or food
        at all, in order: sorrow and stress alone are no danger, however alike they sound."""
        return [self.score(piece) for piece in pieces(words) if not _GRAVE.isdisjoint(piece)]


def features(words: Iterable[str]) -> set[str]:
    """Senses and words alone, in pairs up to three words apart, and pairs of senses in any place and order."""
    senses = [SENSE.get(word, word) for word in words]
    found = set(senses)
    shared = sorted({sense for sense in found if sense.isupper()})
    found.update(f"{first}&{second}" for first, second in combinations(shared, 2))
    for place, first in enumerate(senses):
        for apart, second in enumerate(senses[place + 1 : place + 1 + _REACH]):
            found.add(f"{first} {second}" if apart == 0 else f"{first} _ {second}")
    return found


def pieces(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Sentences, the long ones in overlapping pieces; a sentence too short to mean much goes with the next."""
    piece: list[str] = []
    for word in [*words, "."]:
        if word not in BREAKS:
            piece.append(word)
        elif len(piece) >= _SHORTEST:
            step = _PIECE // 2
            for start in range(0, max(1, len(piece) - step), step):
                yield piece[start : start + _PIECE]
            piece = []
    if piece:
        yield piece


@cache
def likeness() -> Likeness:
    """The model that ships with the bot. Raises OSError or ValueError where its file is missing or broken."""
    stored = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return Likeness(float(stored["bias"]), {name: float(weight) for name, weight in stored["weights"].items()})
