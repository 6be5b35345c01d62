"""What exemplars teach, as numbers: each text is read once, however often the policy that holds it is loaded again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.llm.embedder import Embedder
from bot.policy.features import Featurer, Lists
from bot.policy.lexicon import NUMBER, may_hold, tokens
from bot.policy.softmax import Matrix, Rows

Places = NDArray[np.intp]
T = TypeVar("T")
_STALE: Final = 2
"""So many times the pieces in use may be remembered before all are learned anew."""


class _Held(NamedTuple):
    places: Places
    values: Matrix


class Taught:
    """Texts as rows to fit to. Remembers those of the latest rows. Not to be shared between threads."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self._vectors: dict[str, Matrix] = {}
        self._whole: dict[str, _Held] = {}
        self._counted_by: Lists = ()
        self._pieces: dict[str, _Held] = {}
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        """How many texts are remembered."""
        return len(self._vectors)

    @property
    def pieces(self) -> int:
        """How many pieces are remembered."""
        return len(self._numbers)

    def rows(self, texts: Sequence[str], featurer: Featurer, strength: np.float32) -> Rows:
        """One row for each text: its embedding times ``strength``, then its features. ``featurer`` learns the pieces
        that more than one of them holds."""
        self._read(texts, featurer)
        whole, held = ([kept[text] for text in texts] for kept in (self._whole, self._pieces))
        numbers = np.concatenate([each.places for each in held])
        place_of = self._learn(numbers, featurer)
        size = self.embedder.dimensions
        parts = [part for pair in zip(whole, held, strict=True) for part in pair]
        lengths = np.array([len(part.places) for part in parts])
        of_piece = np.repeat(np.arange(len(parts)) % 2 == 1, lengths)
        columns = np.concatenate([part.places for part in parts])
        columns[of_piece] = place_of[numbers]
        known = columns >= 0
        of_text = np.repeat(np.arange(len(parts)) // 2, lengths)[known]
        return Rows(
            dense=strength * np.stack([self._vectors[text] for text in texts]),
            columns=columns[known] + size,
            values=np.concatenate([part.values for part in parts])[known],
            starts=np.searchsorted(of_text, np.arange(len(texts))),
            width=size + featurer.width,
        )

    def _read(self, texts: Sequence[str], featurer: Featurer) -> None:
        """Have every text read, and no others remembered."""
        if self._counted_by != featurer.lists:
            words = _changed(self._counted_by, featurer.lists)
            self._whole = {text: each for text, each in self._whole.items() if words and not may_hold(text, words)}
            self._counted_by = featurer.lists
        wanted = dict.fromkeys(texts)
        self._vectors, self._whole, self._pieces = (
            _only(wanted, self._vectors),
            _only(wanted, self._whole),
            _only(wanted, self._pieces),
        )
        unseen = [text for text in wanted if text not in self._vectors]
        if unseen:
            self._vectors.update(zip(unseen, self.embedder.embed(unseen), strict=True))
        for text in wanted:
            if text in self._whole and text in self._pieces:
                continue
            said = tokens(text)
            if text not in self._whole:
                places, values = featurer.whole(said, "?" in text)
                self._whole[text] = _Held(np.array(places), np.array(values, dtype=np.float32))
            if text not in self._pieces:
                self._pieces[text] = self._numbered(featurer.weighed(said))

    def _numbered(self, weights: Mapping[str, float]) -> _Held:
        numbers = self._numbers
        places = [numbers.setdefault(piece, len(numbers)) for piece in weights]
        return _Held(np.array(places, dtype=np.intp), np.array(list(weights.values()), dtype=np.float32))

    def _learn(self, numbers: Places, featurer: Featurer) -> Places:
        """The place of each remembered piece, by its number; -1 where the featurer does not learn it."""
        times = np.bincount(numbers, minlength=len(self._numbers))
        shared = {piece: number for piece, number in self._numbers.items() if times[number] > 1}
        learned = featurer.learn(shared)
        place_of = np.full(len(self._numbers), -1)
        place_of[[shared[piece] for piece in learned]] = list(learned.values())
        if len(times) > _STALE * np.count_nonzero(times):
            self._pieces, self._numbers = {}, {}
        return place_of


def _changed(before: Lists, after: Lists) -> frozenset[str]:
    """The words of all entries that were added or taken away; none where more than entries is different, or a number is
    among them: then every text is counted again."""
    was, are = ([name for lists in each for name, _ in lists] for each in (before, after))
    if was != are:
        return frozenset()
    old, new = (
        ({(name, entry) for lists in each for name, entries in lists for entry in entries}) for each in (before, after)
    )
    words = frozenset(word for _, entry in old ^ new for word in tokens(entry))
    return frozenset() if NUMBER in words else words


def _only(wanted: Mapping[str, object], kept: Mapping[str, T]) -> dict[str, T]:
    return {text: each for text, each in kept.items() if text in wanted}
