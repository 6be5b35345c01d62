"""Automata that look for risk phrases (:mod:`bot.risk.grammar`): for those alone that a text can hold.

Each phrase has words of which one must occur: a text is read for it only where they do, and its automaton is made when
that happens first. It reads word by word. States are sets of places in the phrase, made when first met, so that a word
costs one look-up once they are warm. Only words of the policy are remembered, never a person's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, assert_never

from bot.risk.grammar import GAP, Gap, Language, Part, Row, Ways, Word, cost

NEGATIONS = frozenset(("not", "never", "no", "nor", "neither"))
BREAKS = frozenset((".", "?"))
_UNKNOWN = ""
_MOST_STATES = 10_000
"""States kept, about 15 MB; one more text may add to them before they are made afresh."""
_START: Final = 0

_Needing = tuple[int, tuple[frozenset[str], ...]]
"""A phrase, and words of each set of which one must occur too."""
_State = frozenset[int]
_NOWHERE: _State = frozenset()


@dataclass(slots=True)
class _Node:
    """A state met: whether the phrase may end there, where any word but a negation or a mark leads, and where each word
    leads that was met there."""

    state: _State
    ends: bool
    crossed: _State
    leads: dict[str, _Node] = field(default_factory=dict)


class _Automaton:
    """Looks for one phrase. Threads that share it make the same states, whoever comes first."""

    def __init__(self, phrase: Part) -> None:
        self._longest = phrase.longest
        self._size = _START + 1  # places there are; each is a number
        self._edges: dict[str, dict[int, list[int]]] = {}  # by word, then place
        self._others: dict[int, list[int]] = {}  # by place: where any word but a negation or a mark leads
        self._ends = frozenset(self._placed(phrase, {_START}))
        self._nodes: dict[_State, _Node] = {}

    def begin(self) -> _Node:
        """Where reading begins."""
        return self._nodes.get(_NOWHERE) or self._node(_NOWHERE)

    def met(self, node: _Node, word: str) -> _Node:
        """Where ``word``, one of the policy or the unknown one, leads from ``node``; from now on it is remembered."""
        beyond = node.crossed if _crosses(word) else _NOWHERE
        led = beyond | self._led(node.state | {_START}, word)
        following = node.leads[word] = self._nodes.get(led) or self._node(led)
        return following

    def start(self, words: Sequence[str], end: int) -> int:
        """Where the shortest match that ends before ``end`` begins."""
        for begin in range(end - 1, max(0, end - self._longest) - 1, -1):
            state = frozenset((_START,))
            for word in words[begin:end]:
                state = self._led(state, word) | (self._beyond(state) if _crosses(word) else _NOWHERE)
            if not self._ends.isdisjoint(state):
                return begin
        raise ValueError(f"expected the end of a match, got {end}")

    def forget(self) -> None:
        """Let the states met go."""
        self._nodes = {}

    def _node(self, state: _State) -> _Node:
        node = self._nodes[state] = _Node(state, not self._ends.isdisjoint(state), self._beyond(state))
        return node

    def _led(self, state: _State, word: str) -> _State:
        """Where ``word`` itself leads from the places of ``state``."""
        by_place = self._edges.get(word)
        if not by_place:
            return _NOWHERE
        return _NOWHERE.union(*[by_place[place] for place in by_place.keys() & state])

    def _beyond(self, state: _State) -> _State:
        """Where any word leads that crosses a gap."""
        return _NOWHERE.union(*[self._others[place] for place in self._others.keys() & state])

    def _placed(self, part: Part, places: set[int]) -> set[int]:
        """The places that ``part`` leads to from ``places``."""
        match part.said:
            case Word(word):
                following = self._new()
                by_place = self._edges.setdefault(word, {})
                for place in places:
                    by_place.setdefault(place, []).append(following)
                return {following}
            case Gap():
                return self._gap(places)
            case Row(parts):
                for each in parts:
                    places = self._placed(each, places)
                return places
            case Ways(parts, spared):
                ends = [self._placed(each, places) for each in parts]
                return set[int]().union(*ends, places if spared else ())
            case _:
                assert_never(part.said)

    def _gap(self, places: set[int]) -> set[int]:
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

    def _new(self) -> int:
        self._size += 1
        return self._size - 1


class Phrases:
    """Many phrases. The numbers :meth:`add` gives name them in what :meth:`find` returns."""

    def __init__(self) -> None:
        self._words: set[str] = {*BREAKS, *NEGATIONS}  # of the policy
        self._parts: list[Part] = []
        self._automata: dict[int, _Automaton] = {}
        self._needing: dict[str, list[_Needing]] = {}  # by word: the phrases to look for where it occurs
        self._made = 0

    def add(self, phrase: str, language: Language) -> int:
        """The number of the new phrase. Raises PolicyError where it cannot be read, or could match without a word of
        its own."""
        number, part = len(self._parts), language.read(phrase)
        self._parts.append(part)
        self._words |= part.words
        rarest, *others = sorted({*part.needed, part.first}, key=cost)
        for word in rarest:
            self._needing.setdefault(word, []).append((number, tuple(others)))
        return number

    def find(self, words: Sequence[str]) -> list[tuple[int, int]]:
        """``(phrase, index after its last word)`` for each phrase ending there, in reading order."""
        possible = self._possible(words)
        if not possible:
            return []
        if self._made > _MOST_STATES:
            self._made = 0
            for automaton in list(self._automata.values()):
                automaton.forget()
        known = [word if word in self._words else _UNKNOWN for word in words]
        found: list[tuple[int, int]] = []
        for phrase in possible:
            automaton, first = self._automata.get(phrase) or self._automaton(phrase), self._parts[phrase].first
            node = begin = automaton.begin()
            for index, word in enumerate(known, 1):
                if node is begin and word not in first:
                    continue
                following = node.leads.get(word)
                if following is None:
                    self._made += 1
                    following = automaton.met(node, word)
                node = following
                if node.ends:
                    found.append((phrase, index))
        return sorted(found, key=_reading_order)

    def _possible(self, words: Sequence[str]) -> set[int]:
        """The phrases all of whose words occur, in whatever order."""
        found: set[int] = set()
        present = set(words)
        for word in self._needing.keys() & present:
            for phrase, others in self._needing[word]:
                for needed in others:
                    if needed.isdisjoint(present):
                        break
                else:
                    found.add(phrase)
        return found

    def start(self, phrase: int, words: Sequence[str], end: int) -> int:
        """Where the shortest match of ``phrase`` that ends before ``end`` begins; ``end`` must come from find."""
        return self._automata[phrase].start(words, end)

    def _automaton(self, phrase: int) -> _Automaton:
        automaton = self._automata[phrase] = _Automaton(self._parts[phrase])
        return automaton


def _crosses(word: str) -> bool:
    """Whether a gap may stand for ``word``."""
    return word not in NEGATIONS and word not in BREAKS


def _reading_order(found: tuple[int, int]) -> tuple[int, int]:
    phrase, index = found
    return index, phrase
