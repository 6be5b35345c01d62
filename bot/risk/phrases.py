"""The small language of risk phrases, and one automaton that looks for all of them at once.

A phrase is words with ``*`` (up to three words, none of them a negation), ``(a|b)``, ``[x]`` and ``{term}``.
The automaton reads a text once, word by word. Its states are sets of places in the phrases, made when first met, so
that a word costs one look-up once the states are warm. Only words of the policy are remembered, never a person's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
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


@dataclass(slots=True)
class _Place:
    """A place in a phrase: where each next word leads; ``other`` is where any word but a negation or a mark leads."""

    edges: dict[str, list[int]] = field(default_factory=dict)
    other: list[int] = field(default_factory=list)
    phrase: int | None = None


_State = frozenset[int]
_START: _State = frozenset()


@dataclass(slots=True)
class _Node:
    """A state met: the phrases that end there, and where each word leads that was met there."""

    state: _State
    ends: tuple[int, ...]
    leads: dict[str, _Node] = field(default_factory=dict)


class Phrases:
    """Many phrases, found in one reading. The numbers :meth:`add` gives name them in what :meth:`find` returns."""

    def __init__(self) -> None:
        self._places: list[_Place] = []
        self._starts: list[int] = []
        self._lengths: list[int] = []
        self._known: set[str] = {*BREAKS, *NEGATIONS}
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
        if start in ends or self._places[start].other:
            raise PolicyError(f"expected a phrase that starts with a word of its own, got {phrase!r}")
        for place in ends:
            self._places[place].phrase = number
        for word, places in self._places[start].edges.items():
            self._first.setdefault(word, set()).update(places)
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
        known = word if word in self._known else _UNKNOWN
        following = node.leads.get(known)
        if following is None:
            following = self._node(self._follow(node.state, known) | self._first.get(known, _START))
            node.leads[known] = following
        return following

    def start(self, phrase: int, words: Sequence[str], end: int) -> int:
        """Where the shortest match of ``phrase`` that ends before ``end`` begins; ``end`` must come from find."""
        for begin in range(end - 1, max(0, end - self._lengths[phrase]) - 1, -1):
            state: Iterable[int] = (self._starts[phrase],)
            for word in words[begin:end]:
                state = self._follow(state, word)
            if any(self._places[place].phrase == phrase for place in state):
                return begin
        raise ValueError(f"expected the end of a match, got {end}")

    def _node(self, state: _State) -> _Node:
        node = self._nodes.get(state)
        if node is None:
            ends = {self._places[place].phrase for place in state} - {None}
            node = self._nodes[state] = _Node(state, tuple(sorted(end for end in ends if end is not None)))
        return node

    def _follow(self, state: Iterable[int], word: str) -> _State:
        crossed = word not in NEGATIONS and word not in BREAKS
        following: set[int] = set()
        for number in state:
            place = self._places[number]
            following.update(place.edges.get(word, ()))
            if crossed:
                following.update(place.other)
        return frozenset(following)

    def _new(self) -> int:
        self._places.append(_Place())
        return len(self._places) - 1

    def word(self, places: set[int], word: str) -> set[int]:
        """The one place that ``word`` leads to from each of ``places``."""
        self._known.add(word)
        following = self._new()
        for place in places:
            self._places[place].edges.setdefault(word, []).append(following)
        return {following}

    def gap(self, places: set[int]) -> set[int]:
        """The places that up to :data:`GAP` words lead to from ``places``, these included."""
        reached = set(places)
        front = places
        for _ in range(GAP):
            following = self._new()
            for place in front:
                self._places[place].other.append(following)
            front = {following}
            reached |= front
        return reached


class _Reader:
    """Reads one phrase into places, from left to right. ``longest`` is an upper bound of its words."""

    def __init__(self, phrase: str, terms: Mapping[str, Sequence[str]], phrases: Phrases, depth: int = 0) -> None:
        self._phrase = phrase
        self._terms = terms
        self._phrases = phrases
        self._depth = depth
        self._parts = list(_PART.finditer(phrase.strip()))
        self._next = 0
        self.longest = 0

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
        self.longest += longest
        return ends

    def _takes(self, sign: str) -> bool:
        taken = self._next < len(self._parts) and self._parts[self._next][2] == sign
        self._next += taken
        return taken

    def _unreadable(self) -> PolicyError:
        return PolicyError(f"expected words, '*', (a|b), [x] or {{term}}, got {self._phrase!r}: look at the brackets")
