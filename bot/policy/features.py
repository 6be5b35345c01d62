"""A message as numbers, as routing weighs them: its pieces, and how many words of each list it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import compress
from math import log, log1p
from operator import itemgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.frozen import dataclass
from bot.policy.lexicon import Beginning, Lexicon
from bot.policy.pieces import EDGE, of_word, pieces, share_of, weight
from bot.policy.schema import Policy
from bot.recent import Remembered

_PIECES: Final = 3.0
_COUNTS: Final = 0.5
_TOPICS: Final = 1.0
"""How strongly pieces, counts of signs and of domains' words speak before fitting: what generalises is bound less."""
_SHORT: Final = 3
_WHOLE: Final = 8
"""Features of the message as a whole; then two of each list, then the pieces."""

Lists = tuple[tuple[tuple[str, Sequence[str]], ...], ...]


_Told = tuple[Beginning | None, Beginning | None, Mapping[int, None], Iterable[str], Mapping[str, int]]
"""What a word tells: what begins with it among the topics and among the signs; the places of its pieces but for pairs,
and these pieces; and the places of its pairs by the word that follows. A bare tuple, which is quickly taken apart."""
_SINGLES: Final = itemgetter(3)
_FOLLOW: Final = 4


@dataclass(frozen=True, slots=True)
class Features:
    """Places and values of what is not zero. Never empty: the first is always 1, for the bias. Pieces have their share
    as value; how much each weighs, :meth:`Featurer.weights` tells."""

    places: list[int]
    values: list[float]


class Featurer:
    """Reads messages into features. Pieces it has not learned from exemplars count nothing.

    Domains' words and errands' compete for a message's words, so that "credit card limit" speaks of no debts. Signs are
    counted on their own: what is told of does not hide how it is told.
    """

    def __init__(self, policy: Policy, like: Featurer | None = None) -> None:
        """``like``: another one, whose lists are taken over where they are the same."""
        errands, signs = policy.none.errands, policy.none.signs
        topics = {f"domain {name}": domain.routing.words for name, domain in policy.domains.items()}
        listed = {**topics, **{f"errand {name}": words for name, words in errands.items()}}
        self.lists: Lists = (tuple(listed.items()), tuple(signs.items()))
        """What is counted, in order: by the same lists, two readings are the same but for their pieces."""
        self._domains = len(topics)
        self._topics: Lexicon
        self._signs: Lexicon
        if like is not None and like.lists == self.lists:
            self._topics, self._signs = like._topics, like._signs
        else:
            self._topics, self._signs = Lexicon(listed), Lexicon(signs)
        self._fixed = _WHOLE + 2 * (len(topics) + len(errands) + len(signs))
        self._known: dict[str, int] = {}
        self._told = self._telling()

    @property
    def width(self) -> int:
        """How many places there are."""
        return self._fixed + len(self._known)

    def learn(self, shared: Iterable[str]) -> Mapping[str, int]:
        """Gives each of these pieces a place of its own, whatever their order."""
        self._known = {piece: self._fixed + number for number, piece in enumerate(sorted(shared))}
        self._told = self._telling()
        return self._known

    def read(self, words: Sequence[str], asks: bool) -> Features:
        """``words`` as ``lexicon.tokens`` gives them; ``asks``: whether there is a question mark."""
        told = [self._told[word] for word in words]
        places, values = self._whole(words, told, asks)
        known: dict[int, None] = {}
        follow = self._told[EDGE][_FOLLOW]
        for word, (_, _, held, _, following) in zip(words, told, strict=True):
            known.update(held)
            if word in follow:
                known[follow[word]] = None
            follow = following
        if EDGE in follow:
            known[follow[EDGE]] = None
        singles: set[str] = set().union(*map(_SINGLES, told))
        share = share_of(words, len(singles))
        return Features([*places, *known], values + [share] * len(known))

    def weights(self) -> NDArray[np.float32]:
        """What the value of each place is worth, shape (width,): 1, but for pieces what they weigh."""
        return np.array([1.0] * self._fixed + [_PIECES * weight(piece) for piece in self._known], dtype=np.float32)

    @staticmethod
    def weighed(words: Sequence[str]) -> dict[str, float]:
        """The pieces of a message, and what each of them amounts to."""
        held, share = pieces(words)
        return {piece: _PIECES * share * weight for piece, weight in held.items()}

    def whole(self, words: Sequence[str], asks: bool) -> tuple[list[int], list[float]]:
        """Places and values of what is told by the message as a whole and by the lists, without pieces."""
        return self._whole(words, [self._told[word] for word in words], asks)

    def _whole(self, words: Sequence[str], told: Sequence[_Told], asks: bool) -> tuple[list[int], list[float]]:
        counts = self._topics.count(words, [(at, each[0]) for at, each in enumerate(told) if each[0] is not None])
        counts += self._signs.count(words, [(at, each[1]) for at, each in enumerate(told) if each[1] is not None])
        total = sum(counts[: self._domains])
        some, short, length = min(1, total), len(words) <= _SHORT, log(1 + len(words)) / 3
        whole = (log1p(total), some, length, asks, short, some * short, some * length)
        places, values = [0], [1.0]
        for place, value in enumerate(whole, 1):
            if value:
                places.append(place)
                values.append(_COUNTS * value)
        for number in compress(range(len(counts)), counts):
            place, count = _WHOLE + 2 * number, counts[number]
            places += (place, place + 1)
            values += (
                (_TOPICS * log1p(count), _TOPICS * count / total)
                if number < self._domains
                else (_COUNTS * log1p(count), _COUNTS)
            )
        return places, values

    def _telling(self) -> Remembered[_Told]:
        """How to look up what a word tells. Bound to what it needs, not to the featurer: no circle, so one that is
        replaced is freed at once."""
        pairs: dict[str, dict[str, int]] = {}
        for piece, place in self._known.items():
            first, pair, second = piece.partition(" ")
            if pair:
                pairs.setdefault(first, {})[second] = place
        return Remembered(partial(_told, self._topics, self._signs, self._known, pairs))


def _told(
    topics: Lexicon, signs: Lexicon, known: Mapping[str, int], pairs: Mapping[str, Mapping[str, int]], word: str
) -> _Told:
    single = of_word[word]
    held = {known[piece]: None for piece in single if piece in known}
    return topics.begins(word), signs.begins(word), held, single, pairs.get(word, {})
