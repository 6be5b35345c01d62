"""Lists of words and phrases, matched against a message: the longest phrase wins and uses its words up.

So "school work" counts for education and not for career, and "stopped working" for neither.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from bot.plain import plain_words
from bot.recent import Remembered

NUMBER: Final = "#"
"""Stands for any number: ``# people`` matches "4 people"."""
LONGEST_TEXT: Final = 8_000
"""Characters read of one message."""
_SHORTEST_STEM: Final = 2
_NOTHING: Final[frozenset[int]] = frozenset()
_DIGIT: Final = re.compile(r"[0-9]")
_TOKEN: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*|#")


def tokens(text: str) -> list[str]:
    """Words, lower-cased, apostrophes straightened, numbers as ``#``."""
    words = plain_words(text[:LONGEST_TEXT]) if NUMBER not in text else None
    if words is not None and not _DIGIT.search(text):
        return words
    found = _TOKEN.findall(_plain(text)) if words is None else words
    return [NUMBER if word[0].isdigit() else word for word in found]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).replace("\u2019", "'").casefold()


def may_hold(text: str, words: Iterable[str]) -> bool:
    """Whether ``text`` may hold one of these, as :func:`tokens` gives them, or a word that begins like one. False is
    sure."""
    plain = _plain(text)
    return any(word in plain for word in words)


@dataclass(slots=True)
class _Node:
    """One step in the tree of phrases: where each next word leads, which lists end here, and which end in a stem."""

    words: dict[str, _Node] = field(default_factory=dict)
    stems: dict[str, set[int]] = field(default_factory=dict)
    lists: set[int] = field(default_factory=set)

    def step(self, word: str) -> _Node | None:
        """Where ``word`` leads; "mom's" leads where "mom" does unless it is listed itself."""
        found = self.words.get(word)
        if found is None and word.endswith("'s"):
            return self.words.get(word[:-2])
        return found

    def leads_on(self, word: str) -> bool:
        """Whether an entry may have ``word`` here; most words can be passed over by this alone."""
        return word in self.words or bool(self.stems) or word.endswith("'s")

    def ending(self, word: str) -> Set[int]:
        """The lists with an entry that ends here with ``word``, as it stands or by its longest stem."""
        exact = self.step(word)
        lists: Set[int] = exact.lists if exact is not None else _NOTHING
        if self.stems:
            for length in range(len(word), _SHORTEST_STEM - 1, -1):
                found = self.stems.get(word[:length])
                if found is not None:
                    return lists | found if lists else found
        return lists


class Lexicon:
    """Counts, for each named list, how many of its entries stand in a message. Syntax: see ``schema.Routing``."""

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        self._size = len(lists)
        self._anywhere, self._opening = _Node(), _Node()
        for number, entries in enumerate(lists.values()):
            for entry in entries:
                self._add(entry, number)
        # Bound to the nodes, not to the lexicon: no circle, so one that is replaced is freed at once.
        self.begins = partial(_beginning, self._anywhere)
        """What begins with a word; always the same, so that it can be remembered."""
        self._opens = Remembered(partial(_beginning, self._opening))

    def _add(self, entry: str, number: int) -> None:
        node = self._opening if entry.startswith("^") else self._anywhere
        words = tokens(entry)
        if not words:
            return
        *before, last = words
        for word in before:
            node = node.words.setdefault(word, _Node())
        if entry.endswith("*"):
            node.stems.setdefault(last, set()).add(number)
        else:
            node.words.setdefault(last, _Node()).lists.add(number)

    def count(self, words: Sequence[str], begins: Iterable[tuple[int, Beginning]] | None = None) -> list[int]:
        """Entries found per list, in the order of the lists. ``begins``: at which words something begins, and what, by
        who has looked before. A phrase tied to the opening uses no words up."""
        if begins is None:
            begins = [(start, each) for start, each in enumerate(map(self.begins, words)) if each is not None]
        counts = [0] * self._size
        if words and self._opens[words[0]] is not None:
            for number in _longest(self._opening, words, 0, 0, _NOTHING)[1]:
                counts[number] += 1
        free, last = 0, len(words) - 1
        for start, (found, after) in begins:
            if start < free:
                continue
            if after is not None and start < last and after.leads_on(words[start + 1]):
                free, found = _longest(self._anywhere, words, start, start + 1, found)
            for number in found:
                counts[number] += 1
        return counts


Beginning = tuple[Set[int], _Node | None]


def _beginning(root: _Node, word: str) -> Beginning | None:
    """The lists of ``word`` as an entry of its own, and where longer entries that begin with it go on; None where
    nothing begins with it."""
    lists, after = root.ending(word), root.step(word)
    if after is not None and not after.words and not after.stems:
        after = None
    return (lists, after) if lists or after is not None else None


def _longest(root: _Node, words: Sequence[str], start: int, best: int, lists: Set[int]) -> tuple[int, Set[int]]:
    """Where to go on, and the lists of the longest entry that begins at ``start``. ``lists`` are those of the longest
    that ends before ``best``."""
    node = root
    for place in range(start, len(words)):
        if place >= best:
            ending = node.ending(words[place])
            if ending:
                best, lists = place + 1, ending
        after = node.step(words[place])
        if after is None or not (after.words or after.stems):
            break
        node = after
    return best, lists
