"""The small language of risk phrases: words with ``*`` (up to three words, none of them a negation), ``(a|b)``, ``[x]``
and ``{term}``. A phrase is read into parts, and each part tells what a text must hold for it to stand there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from bot.errors import PolicyError
from bot.risk.lexicon import COMMON, COMMONEST
from bot.risk.normalise import normalise

GAP: Final = 3
"""Words a ``*`` may stand for, at most."""
_DEEPEST: Final = 5
"""Terms within terms, at most."""
_COMMON_COST, _COMMONEST_COST = 40, 1_000
"""How many rare words one of :data:`COMMON` or :data:`COMMONEST` weighs as much as, where a phrase can be looked for by
either."""
_SIGN: Final = re.compile(r"\s*(?:\{([a-z][a-z0-9_]*)\}|([()\[\]|*])|([^()\[\]|*{}]+)|(.))")
_REMEMBERED: Final = 8192
"""Words of policies of which the reading is remembered: phrases are made of the same ones."""
_NO_WORDS: Final[frozenset[str]] = frozenset()


class Word(NamedTuple):
    """One word, as normalised text has it."""

    word: str


class Gap(NamedTuple):
    """Up to :data:`GAP` words, none of them a negation or a mark."""


class Row(NamedTuple):
    """One part after the other."""

    parts: tuple[Part, ...]


class Ways(NamedTuple):
    """Any one of several parts; ``spared``: or none."""

    parts: tuple[Part, ...]
    spared: bool = False


class Part(NamedTuple):
    """A part of a phrase, and what is known of every text in which it stands."""

    said: Word | Gap | Row | Ways
    needed: tuple[frozenset[str], ...]
    """Words, of each set of which the text holds one. Empty: it needs none."""
    longest: int
    """Words it takes, at most."""
    words: frozenset[str]
    """All that occur in it."""
    first: frozenset[str]
    """Those it may begin with."""
    empty: bool
    """Whether it may take no word at all."""
    loose: bool
    """Whether it may begin with a gap."""
    deep: int
    """Terms within terms."""


_A_GAP: Final = Part(Gap(), (), GAP, _NO_WORDS, _NO_WORDS, empty=True, loose=True, deep=0)


class Language:
    """Reads phrases in which ``{name}`` means any of ``terms[name]``. Each term is read once."""

    def __init__(self, terms: Mapping[str, Sequence[str]]) -> None:
        self._terms = terms
        self._known: dict[str, Part] = {}

    def read(self, phrase: str) -> Part:
        """Raises PolicyError where ``phrase`` cannot be read, or could match without a word of its own."""
        part = self.part(phrase, 0)
        if part.empty or part.loose or not part.needed:
            raise PolicyError(f"expected a phrase that starts with a word of its own, got {phrase!r}")
        return part

    def part(self, phrase: str, depth: int) -> Part:
        """The parts of a phrase that stands in so many terms."""
        return _Reader(phrase, self, depth).whole()

    def term(self, name: str, phrase: str, depth: int) -> Part:
        """What ``{name}`` means in ``phrase``, which stands in so many terms."""
        known = self._known.get(name)
        if name in self._terms and known is None and depth < _DEEPEST:
            ways = [self.part(each, depth + 1) for each in self._terms[name]]
            known = self._known[name] = _any_of(ways)._replace(deep=1 + max(way.deep for way in ways))
        if known is None or depth + known.deep > _DEEPEST:
            raise PolicyError(
                f"expected one of the terms {', '.join(sorted(self._terms)) or '(none)'}, "
                f"at most five deep, got {{{name}}} in {phrase!r}"
            )
        return known


class _Reader:
    """Reads one phrase, from left to right."""

    def __init__(self, phrase: str, language: Language, depth: int) -> None:
        self._phrase = phrase
        self._language = language
        self._depth = depth
        self._signs = list(_SIGN.finditer(phrase.strip()))
        self._next = 0

    def whole(self) -> Part:
        read = self._either()
        if self._next < len(self._signs):
            raise self._unreadable()
        return read

    def _either(self) -> Part:
        ways = [self._row()]
        while self._takes("|"):
            ways.append(self._row())
        return _any_of(ways)

    def _row(self) -> Part:
        parts: list[Part] = []
        while self._next < len(self._signs):
            term, sign, words, stray = self._signs[self._next].groups()
            if stray or (sign and sign in ")]|"):
                break
            self._next += 1
            if term:
                parts.append(self._language.term(term, self._phrase, self._depth))
            elif words:
                parts += _words(words)
            elif sign == "*":
                parts.append(_A_GAP)
            else:
                inside = self._either()
                if not self._takes(")" if sign == "(" else "]"):
                    raise self._unreadable()
                parts.append(inside if sign == "(" else _spared(inside))
        return _in_a_row(parts)

    def _takes(self, sign: str) -> bool:
        taken = self._next < len(self._signs) and self._signs[self._next][2] == sign
        self._next += taken
        return taken

    def _unreadable(self) -> PolicyError:
        return PolicyError(f"expected words, '*', (a|b), [x] or {{term}}, got {self._phrase!r}: look at the brackets")


@lru_cache(_REMEMBERED)
def cost(words: frozenset[str]) -> tuple[int, list[str]]:
    """To sort by: the words that fewest texts hold come first."""
    common = _COMMON_COST * len(words & COMMON) + _COMMONEST_COST * len(words & COMMONEST)
    return len(words) + common, sorted(words)


@lru_cache(_REMEMBERED)
def _words(written: str) -> tuple[Part, ...]:
    """Words as a policy writes them, each as a part of its own."""
    return tuple(
        Part(Word(word), ((alone := frozenset((word,))),), 1, alone, alone, empty=False, loose=False, deep=0)
        for word in normalise(written).split()
    )


def _in_a_row(parts: Sequence[Part]) -> Part:
    if len(parts) == 1:
        return parts[0]
    first = next((place for place, part in enumerate(parts) if not part.empty), len(parts))
    return Part(
        Row(tuple(parts)),
        tuple(needed for part in parts for needed in part.needed),
        sum(part.longest for part in parts),
        _NO_WORDS.union(*[part.words for part in parts]),
        _NO_WORDS.union(*[part.first for part in parts[: first + 1]]),
        empty=first == len(parts),
        loose=any(part.loose for part in parts[: first + 1]),
        deep=max((part.deep for part in parts), default=0),
    )


def _any_of(ways: Sequence[Part]) -> Part:
    """It needs any of the rarest words of each, and none where one of them needs none."""
    if len(ways) == 1:
        return ways[0]
    rarest = () if any(not way.needed for way in ways) else [min(way.needed, key=cost) for way in ways]
    return Part(
        Ways(tuple(ways)),
        (_NO_WORDS.union(*rarest),) if rarest else (),
        max(way.longest for way in ways),
        _NO_WORDS.union(*[way.words for way in ways]),
        _NO_WORDS.union(*[way.first for way in ways]),
        empty=any(way.empty for way in ways),
        loose=any(way.loose for way in ways),
        deep=max(way.deep for way in ways),
    )


def _spared(part: Part) -> Part:
    return part._replace(said=Ways((part,), spared=True), needed=(), empty=True)
