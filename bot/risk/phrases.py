"""The small language of risk phrases, and one automaton that looks for all of them at once.

A phrase is words with ``*`` (up to three words, none of them a negation), ``(a|b)``, ``[x]`` and ``{term}``.
The automaton reads a text once, word by word. Its states are sets of places in the phrases, made when first met, so
that a word costs one look-up once the states are warm. Only words of the policy are remembered, never a person's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.errors import PolicyError
from bot.risk.normalise import normalise

GAP = 3
"""Words a ``*`` may stand for, at most."""

NEGATIONS = frozenset(("not", "never", "no", "nor", "neither"))
BREAKS = frozenset((".", "?"))
_UNKNOWN = ""
_MOST_STATES = 10_000
"""States kept, about 20 MB; a text may add one for each of its words before the next text starts afresh."""
_PART = re.compile(r"\s*(?:\{([a-z][a-z0-9_]*)\}|([()\[\]|*])|([^()\[\]|*{}]+)|(.))")


_State = frozenset[int]
_START: _State = frozenset()


@dataclass(slots=True)
class _Node:
    """A state met: the phrases that end there, where any word but a negation or a mark leads, and where each word leads
    that was met there."""

    state: _State
    ends: tuple[int, ...]
    crossed: _State
    leads: dict[str, _Node] = field(default_factory=dict)


class Phrases:
    """Many phrases, found in one reading. The numbers :meth:`add` gives name them in what :meth:`find` returns."""

    def __init__(self) -> None:
        self._size = 0  # places there are; each is a number
        self._edges: dict[str, dict[int, list[int]]] = {word: {} for word in BREAKS | NEGATIONS}  # by word, then place
        self._others: dict[int, list[int]] = {}  # by place: where any word but a negation or a mark leads
        self._ends: dict[int, int] = {}  # the phrase that ends at a place
        self._starts: list[int] = []
        self._lengths: list[int] = []
        self._first: dict[str, set[int]] = {}
        self._nodes: dict[_State, _Node] = {}

    def add(self, phrase: str, terms: Mapping[str, Sequence[str]]) -> int:
        """The number of the new phrase, in which ``{name}`` means any of ``terms[name]``.

        Raises PolicyError where it cannot be read, or could match without a word of its own.
        """
        number = len(self._starts)
        start = self._new()
        reader = _Reader(phrase, terms, self)
        ends = reader.whole({start})
        if start in ends or start in self._others:
            raise PolicyError(f"expected a phrase that starts with a word of its own, got {phrase!r}")
        self._ends.update(dict.fromkeys(ends, number))
        for word in reader.words:
            self._first.setdefault(word, set()).update(self._edges[word].get(start, ()))
        self._starts.append(start)
        self._lengths.append(reader.longest)
        self._nodes.clear()
        return number

    def find(self, words: Sequence[str]) -> list[tuple[int, int]]:
        """``(phrase, index after its last word)`` for each phrase ending there, in reading order."""
        if len(self._nodes) > _MOST_STATES:
            self._nodes.clear()
        found: list[tuple[int, int]] = []
        first = node = self._node(_START)
        for index, word in enumerate(words, 1):
            following = node.leads.get(word)
            if following is None:
                following = self._met(node, word)
            node = following
            if node is not first and node.ends:
                found += [(phrase, index) for phrase in node.ends]
        return found

    def _met(self, node: _Node, word: str) -> _Node:
        """Where ``word`` leads from ``node``; remembered, when it is a word of the policy."""
        known = word if word in self._edges else _UNKNOWN
        following = node.leads.get(known)
        if following is None:
            beyond = node.crossed if _crosses(known) else _START
            led = beyond.union(self._led(node.state, known), self._first.get(known, _START))
            following = node.leads[known] = self._node(led)
        return following

    def start(self, phrase: int, words: Sequence[str], end: int) -> int:
        """Where the shortest match of ``phrase`` that ends before ``end`` begins; ``end`` must come from find."""
        for begin in range(end - 1, max(0, end - self._lengths[phrase]) - 1, -1):
            state = frozenset((self._starts[phrase],))
            for word in words[begin:end]:
                state = self._led(state, word).union(self._beyond(state) if _crosses(word) else ())
            if any(self._ends.get(place) == phrase for place in state):
                return begin
        raise ValueError(f"expected the end of a match, got {end}")

    def _node(self, state: _State) -> _Node:
        node = self._nodes.get(state)
        if node is None:
            ends = {self._ends[place] for place in self._ends.keys() & state}
            node = self._nodes[state] = _Node(state, tuple(sorted(ends)), self._beyond(state))
        return node

    def _led(self, state: _State, word: str) -> _State:
        """Where ``word`` itself leads from the places of ``state``."""
        by_place = self._edges.get(word)
        if not by_place:
            return _START
        return _START.union(*[by_place[place] for place in by_place.keys() & state])

    def _beyond(self, state: _State) -> _State:
        """Where any word leads that crosses a gap."""
        return _START.union(*[self._others[place] for place in self._others.keys() & state])

    def _new(self) -> int:
        self._size += 1
        return self._size - 1

    def word(self, places: set[int], word: str) -> set[int]:
        """The one place that ``word`` leads to from each of ``places``."""
        following = self._new()
        by_place = self._edges.setdefault(word, {})
        for place in places:
            by_place.setdefault(place, []).append(following)
        return {following}

    def gap(self, places: set[int]) -> set[int]:
        """The places that up to :data:`GAP` words lead to from ``places``, these included."""
        reached = set(places)
        front = places
        for _ in range(GAP):
            following = self._new()
            for place in front:
                self._others.setdefault(place, []).append(following)
            front = {following}
            reached |= front
        return reached


def _crosses(word: str) -> bool:
    """Whether a gap may stand for ``word``."""
    return word not in NEGATIONS and word not in BREAKS


class _Reader:
    """Reads one phrase into places, from left to right. ``longest`` is an upper bound of its words; ``words`` are those
    that occur in it."""

    def __init__(self, phrase: str, terms: Mapping[str, Sequence[str]], phrases: Phrases, depth: int = 0) -> None:
        self._phrase = phrase
        self._terms = terms
        self._phrases = phrases
        self._depth = depth
        self._parts = list(_PART.finditer(phrase.strip()))
        self._next = 0
        self.longest = 0
        self.words: set[str] = set()

    def whole(self, places: set[int]) -> set[int]:
        ends = self._either(places)
        if self._next < len(self._parts):
            raise self._unreadable()
        return ends

    def _either(self, places: set[int]) -> set[int]:
        ends = self._sequence(places)
        while self._takes("|"):
            ends |= self._sequence(places)
        return ends

    def _sequence(self, places: set[int]) -> set[int]:
        while self._next < len(self._parts):
            term, sign, words, stray = self._parts[self._next].groups()
            if stray or (sign and sign in ")]|"):
                break
            self._next += 1
            if term:
                places = self._term(places, term)
            elif words:
                for word in normalise(words).split():
                    self.longest += 1
                    self.words.add(word)
                    places = self._phrases.word(places, word)
            elif sign == "*":
                self.longest += GAP
                places = self._phrases.gap(places)
            else:
                inside = self._either(places)
                if not self._takes(")" if sign == "(" else "]"):
                    raise self._unreadable()
                places = inside if sign == "(" else inside | places
        return places

    def _term(self, places: set[int], name: str) -> set[int]:
        if name not in self._terms or self._depth > 4:
            raise PolicyError(
                f"expected one of the terms {', '.join(sorted(self._terms)) or '(none)'}, "
                f"at most five deep, got {{{name}}} in {self._phrase!r}"
            )
        ends: set[int] = set()
        longest = 0
        for phrase in self._terms[name]:
            reader = _Reader(phrase, self._terms, self._phrases, self._depth + 1)
            ends |= reader.whole(places)
            longest = max(longest, reader.longest)
            self.words |= reader.words
        self.longest += longest
        return ends

    def _takes(self, sign: str) -> bool:
        taken = self._next < len(self._parts) and self._parts[self._next][2] == sign
        self._next += taken
        return taken

    def _unreadable(self) -> PolicyError:
        return PolicyError(f"expected words, '*', (a|b), [x] or {{term}}, got {self._phrase!r}: look at the brackets")
