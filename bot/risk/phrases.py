"""The small language of risk phrases, and automata that look for those that a text can hold.

A phrase is words with ``*`` (up to three words, none of them a negation), ``(a|b)``, ``[x]`` and ``{term}``. Each has
words of which one must occur: a text is read for a phrase only where they do. Its automaton reads word by word. States
are sets of places in the phrase, made when first met, so that a word costs one look-up once they are warm. Only words
of the policy are remembered, never a person's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.errors import PolicyError
from bot.risk.lexicon import COMMON, COMMONEST
from bot.risk.normalise import normalise

GAP = 3
"""Words a ``*`` may stand for, at most."""

NEGATIONS = frozenset(("not", "never", "no", "nor", "neither"))
BREAKS = frozenset((".", "?"))
_UNKNOWN = ""
_MOST_STATES = 10_000
"""States kept, about 15 MB; one more text may add to them before they are made afresh."""
_COMMON_COST, _COMMONEST_COST = 40, 1_000
"""How many rare words one of :data:`COMMON` or :data:`COMMONEST` weighs as much as, where a phrase can be looked for by
either."""
_PART = re.compile(r"\s*(?:\{([a-z][a-z0-9_]*)\}|([()\[\]|*])|([^()\[\]|*{}]+)|(.))")


_State = frozenset[int]
_START: _State = frozenset()


class _Part(NamedTuple):
    """A part of a phrase that was read: the places it ends at, and sets of words of each of which a match holds one."""

    ends: set[int]
    needed: tuple[frozenset[str], ...]


@dataclass(slots=True)
class _Node:
    """A state met: whether the phrase may end there, where any word but a negation or a mark leads, and where each word
    leads that was met there."""

    state: _State
    ends: bool
    crossed: _State
    leads: dict[str, _Node] = field(default_factory=dict)


class Phrases:
    """Many phrases. The numbers :meth:`add` gives name them in what :meth:`find` returns."""

    def __init__(self) -> None:
        self._size = 0  # places there are; each is a number
        self._edges: dict[str, dict[int, list[int]]] = {word: {} for word in BREAKS | NEGATIONS}  # by word, then place
        self._others: dict[int, list[int]] = {}  # by place: where any word but a negation or a mark leads
        self._ends: set[int] = set()
        self._starts: list[int] = []
        self._lengths: list[int] = []
        self._first: list[dict[str, _State]] = []  # by phrase and word: where it begins
        self._needing: dict[str, list[int]] = {}  # by word: the phrases to look for where it occurs
        self._too: list[tuple[frozenset[str], ...]] = []  # by phrase: words of each of which one must occur too
        self._nodes: list[dict[_State, _Node]] = []
        self._made = 0

    def add(self, phrase: str, terms: Mapping[str, Sequence[str]]) -> int:
        """The number of the new phrase, in which ``{name}`` means any of ``terms[name]``.

        Raises PolicyError where it cannot be read, or could match without a word of its own.
        """
        number = len(self._starts)
        start = self._new()
        reader = _Reader(phrase, terms, self)
        ends, needed = reader.whole({start})
        if start in ends or start in self._others or not needed:
            raise PolicyError(f"expected a phrase that starts with a word of its own, got {phrase!r}")
        self._ends |= ends
        begins = {word: self._edges[word].get(start, ()) for word in reader.words}
        self._first.append({word: frozenset(places) for word, places in begins.items() if places})
        rarest, *others = sorted(set(needed), key=_cost)
        for word in rarest:
            self._needing.setdefault(word, []).append(number)
        self._too.append(tuple(others))
        self._starts.append(start)
        self._lengths.append(reader.longest)
        self._nodes.append({})
        return number

    def find(self, words: Sequence[str]) -> list[tuple[int, int]]:
        """``(phrase, index after its last word)`` for each phrase ending there, in reading order."""
        if self._made > _MOST_STATES:
            self._nodes = [{} for _ in self._nodes]
            self._made = 0
        edges = self._edges
        known = [word if word in edges else _UNKNOWN for word in words]
        present = set(known)
        possible: set[int] = set()
        for word in self._needing.keys() & present:
            possible.update(self._needing[word])
        found: list[tuple[int, int]] = []
        for phrase in possible:
            if any(needed.isdisjoint(present) for needed in self._too[phrase]):
                continue
            node = self._nodes[phrase].get(_START) or self._node(phrase, _START)
            for index, word in enumerate(known, 1):
                following = node.leads.get(word)
                node = self._met(phrase, node, word) if following is None else following
                if node.ends:
                    found.append((phrase, index))
        return sorted(found, key=_reading_order)

    def _met(self, phrase: int, node: _Node, word: str) -> _Node:
        """Where ``word``, one of the policy or the unknown one, leads from ``node``; from now on it is remembered."""
        beyond = node.crossed if _crosses(word) else _START
        led = beyond.union(self._led(node.state, word), self._first[phrase].get(word, _START))
        following = node.leads[word] = self._nodes[phrase].get(led) or self._node(phrase, led)
        return following

    def start(self, phrase: int, words: Sequence[str], end: int) -> int:
        """Where the shortest match of ``phrase`` that ends before ``end`` begins; ``end`` must come from find."""
        for begin in range(end - 1, max(0, end - self._lengths[phrase]) - 1, -1):
            state = frozenset((self._starts[phrase],))
            for word in words[begin:end]:
                state = self._led(state, word).union(self._beyond(state) if _crosses(word) else ())
            if not self._ends.isdisjoint(state):
                return begin
        raise ValueError(f"expected the end of a match, got {end}")

    def _node(self, phrase: int, state: _State) -> _Node:
        self._made += 1
        node = self._nodes[phrase][state] = _Node(state, not self._ends.isdisjoint(state), self._beyond(state))
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


def _reading_order(found: tuple[int, int]) -> tuple[int, int]:
    phrase, index = found
    return index, phrase


def _cost(words: frozenset[str]) -> tuple[int, list[str]]:
    common = _COMMON_COST * len(words & COMMON) + _COMMONEST_COST * len(words & COMMONEST)
    return len(words) + common, sorted(words)


def _any_of(ways: Sequence[_Part]) -> _Part:
    """Ways of saying a part as one: it needs any of the rarest words of each, and none where one of them needs none."""
    if len(ways) == 1:
        return ways[0]
    ends = set[int]().union(*[way.ends for way in ways])
    if any(not way.needed for way in ways):
        return _Part(ends, ())
    return _Part(ends, (frozenset[str]().union(*[min(way.needed, key=_cost) for way in ways]),))


class _Reader:
    """Reads one phrase into places, from left to right. ``longest`` is an upper bound of its words; ``words`` are those
    that occur in it. Each part gives the places it ends at, and words of which a match holds one (none: it needs
    none)."""

    def __init__(self, phrase: str, terms: Mapping[str, Sequence[str]], phrases: Phrases, depth: int = 0) -> None:
        self._phrase = phrase
        self._terms = terms
        self._phrases = phrases
        self._depth = depth
        self._parts = list(_PART.finditer(phrase.strip()))
        self._next = 0
        self.longest = 0
        self.words: set[str] = set()

    def whole(self, places: set[int]) -> _Part:
        read = self._either(places)
        if self._next < len(self._parts):
            raise self._unreadable()
        return read

    def _either(self, places: set[int]) -> _Part:
        ways = [self._sequence(places)]
        while self._takes("|"):
            ways.append(self._sequence(places))
        return _any_of(ways)

    def _sequence(self, places: set[int]) -> _Part:
        needed: tuple[frozenset[str], ...] = ()
        while self._next < len(self._parts):
            term, sign, words, stray = self._parts[self._next].groups()
            if stray or (sign and sign in ")]|"):
                break
            self._next += 1
            if term:
                places, words_needed = self._term(places, term)
                needed += words_needed
            elif words:
                for word in normalise(words).split():
                    self.longest += 1
                    self.words.add(word)
                    needed += (frozenset((word,)),)
                    places = self._phrases.word(places, word)
            elif sign == "*":
                self.longest += GAP
                places = self._phrases.gap(places)
            else:
                inside, words_needed = self._either(places)
                if not self._takes(")" if sign == "(" else "]"):
                    raise self._unreadable()
                if sign == "(":
                    needed += words_needed
                places = inside if sign == "(" else inside | places
        return _Part(places, needed)

    def _term(self, places: set[int], name: str) -> _Part:
        if name not in self._terms or self._depth > 4:
            raise PolicyError(
                f"expected one of the terms {', '.join(sorted(self._terms)) or '(none)'}, "
                f"at most five deep, got {{{name}}} in {self._phrase!r}"
            )
        ways: list[_Part] = []
        longest = 0
        for phrase in self._terms[name]:
            reader = _Reader(phrase, self._terms, self._phrases, self._depth + 1)
            ways.append(reader.whole(places))
            longest = max(longest, reader.longest)
            self.words |= reader.words
        self.longest += longest
        return _any_of(ways)

    def _takes(self, sign: str) -> bool:
        taken = self._next < len(self._parts) and self._parts[self._next][2] == sign
        self._next += taken
        return taken

    def _unreadable(self) -> PolicyError:
        return PolicyError(f"expected words, '*', (a|b), [x] or {{term}}, got {self._phrase!r}: look at the brackets")
