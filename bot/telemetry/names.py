"""Names of people without a model: from the words around them, the shape of what is written, and lists of names.

A run of capitalised words is weighed: a title ("Dr."), a cue ("my name is", "Hi"), what leads to it and what follows,
how it is built, whether it is a known name. Places, organisations, days and languages are told apart by the words in
and before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.telemetry.known_names import known
from bot.telemetry.name_words import (
    ADDRESS_WORDS,
    BEFORE_PLACES,
    DETERMINERS,
    DOES,
    GREETINGS,
    LEADS,
    NOT_NAMES,
    NOT_PEOPLE,
    ONLY_PEOPLE_DO,
    PARTICLES,
    SENTENCE_WORDS,
    SPEECH,
    SUFFIXES,
    TITLES,
)
from bot.telemetry.spans import Kind, Span

_TOKEN: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d[\w.]*|[^\w\s]|\n")
_CUE: Final = re.compile(
    r"(?:\bname(?: ?is| was|['’]s)?|\bnam(?:ed|es) (?:after)?|\b(?:i am|was|is|were|are|been) called"
    r"|\bcall(?:s|ed)? (?:me|him|her|them)|\bgo(?:es|ing)? by|\bknown as|\bname\b[^.!\n]{0,30}[?:])"
    r"[:,]?(?: user:| just| simply)?$",
    re.IGNORECASE,
)
_CHANGED_TO: Final = re.compile(r"\bname\b[^.!?\n]{0,60} (?:to|with|as)$", re.IGNORECASE)
_I_AM: Final = re.compile(r"\b(?:i['’]?m|i am|this is|it['’]?s|speaking (?:with|to))$", re.IGNORECASE)
_TOLD: Final = re.compile(
    r"\b(?:my|his|her) (?:first |last |full |maiden )?name(?: is|['’]s) ([^\W\d_]{2,}(?: [^\W\d_]{3,})?)"
)
_SAYS_NOTHING: Final = SENTENCE_WORDS | TITLES
_LINKS: Final = PARTICLES - SENTENCE_WORDS
_LEADS_ON: Final = LEADS | SPEECH | {":"}
_JOINTS: Final = frozenset(((",",), ("and",), ("&",), (",", "and"), ("to",), ("or",)))
_ENOUGH: Final = 2.0
_LONGEST: Final = 4
_LOOK_BACK: Final = 60


def names(text: str) -> Iterator[Span]:
    """Every stretch that is probably a person's name."""
    if text == text.lower():
        yield from _told(text)
        return
    if not _may_name(text):
        return
    words = _Words(text)
    runs = list(words.runs())
    named = {run for run in runs if _weight(words, run) >= _ENOUGH}
    for run in _with_their_company(words, runs, named):
        yield words.span(run)


def _may_name(text: str) -> bool:
    """Whether any stretch of a text can be a name: most messages have capitals only where a sentence begins."""
    tokens = _TOKEN.findall(text)
    capitals = (_plain(token) for token in tokens if token[0].isupper())
    return not (_SAYS_NOTHING.issuperset(capitals) and _LINKS.isdisjoint(tokens))


def _plain(word: str) -> str:
    """In lower case, without a possessive ending."""
    return word.lower().removesuffix("'s").removesuffix("’s")


def _told(text: str) -> Iterator[Span]:
    """In a text without capitals only what is said to be a name counts as one."""
    if "name" not in text:
        return
    for found in _TOLD.finditer(text):
        words = [word for word in found.group(1).split() if word not in SENTENCE_WORDS]
        if words and found.group(1).startswith(words[0]):
            yield Span(found.start(1), found.start(1) + len(" ".join(words)), Kind.PERSON)


@dataclass(frozen=True, slots=True)
class _Run:
    """Words ``first`` to ``last``, both included, that may be one name."""

    first: int
    last: int


class _Words:
    """A text as words and marks. ``lower`` has them in lower case, without a possessive ending."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = list(_TOKEN.finditer(text))
        self.words = [token.group() for token in self._tokens]
        self.lower = [_plain(word) for word in self.words]

    def runs(self) -> Iterator[_Run]:
        """Stretches of capitalised words, without the words that merely begin a sentence."""
        index = 0
        while index < len(self.words):
            if not self.words[index][0].isupper():
                index += 1
                continue
            last = self._end(index)
            first = index
            while first <= last and self._says_nothing(first):
                first += 1
            stop = next((at for at in range(first, last + 1) if self.lower[at] in ADDRESS_WORDS), last + 1)
            if first < stop:
                yield _Run(first, stop - 1)
            index = last + 1

    def span(self, run: _Run) -> Span:
        last = self._tokens[run.last]
        return Span(self._tokens[run.first].start(), last.start() + len(self.lower[run.last]), Kind.PERSON)

    def before(self, run: _Run, back: int = 1) -> str:
        """The word or mark that many places before a run; empty at the beginning."""
        at = run.first - back
        return self.lower[at] if at >= 0 else ""

    def after(self, run: _Run, on: int = 1) -> str:
        at = run.last + on
        return self.lower[at] if at < len(self.lower) else ""

    def lead(self, run: _Run) -> str:
        """The text just before a run."""
        start = self._tokens[run.first].start()
        return self.text[max(0, start - _LOOK_BACK) : start].rstrip(' "“\n')

    def possessive(self, run: _Run) -> bool:
        return len(self.words[run.last]) != len(self.lower[run.last])

    def opens(self, run: _Run) -> bool:
        """Whether a run begins a sentence, where any word has a capital."""
        return self.before(run) in ("", ".", "!", "?", "\n", ":", '"', "“", ">")

    def _says_nothing(self, at: int) -> bool:
        return self.lower[at] in _SAYS_NOTHING or self.words[at] == "."

    def _end(self, at: int) -> int:
        """The last word of the run that begins at a word."""
        while len(self.words[at]) == len(self.lower[at]):
            following = self._next_of_run(at)
            if following is None:
                break
            at = following
        return at

    def _next_of_run(self, at: int) -> int | None:
        for skipped in range(3):
            after = at + 1 + skipped
            if after >= len(self.words) or self.text[self._tokens[after - 1].end()] not in " .":
                return None
            gap = self.text[self._tokens[after - 1].end() : self._tokens[after].start()]
            if self.words[after][0].isupper() and self.words[after] != "I":
                return after if gap.strip(" ") == "" else None
            point = self.words[after] == "." and (len(self.words[at]) == 1 or self.lower[at] in TITLES)
            if not point and self.words[after] not in PARTICLES:
                return None
        return None


def _weight(words: _Words, run: _Run) -> float:
    """How much speaks for a person; ``_ENOUGH`` and above counts as a name."""
    parts = [each for each in words.lower[run.first : run.last + 1] if each != "." and each not in PARTICLES]
    proper = [part for part in parts if part not in SUFFIXES]
    shouted = any(word.isupper() and len(word) > 1 for word in words.words[run.first : run.last + 1])
    if not proper or len(proper) > _LONGEST or any(part in NOT_NAMES or part in NOT_PEOPLE for part in parts):
        return 0.0
    titled = _titled(words, run)
    if (shouted and not titled) or (len(proper) == 1 and len(proper[0]) == 1):
        return 0.0
    return 3.0 * titled + _built(proper, parts) + _around(words, run, proper)


def _titled(words: _Words, run: _Run) -> bool:
    before = words.before(run)
    return before in TITLES or (before == "." and words.before(run, 2) in TITLES)


def _built(proper: Sequence[str], parts: Sequence[str]) -> float:
    """What the run itself says."""
    lists = known()
    weight = 1.0 * (len(proper) > 1) + any(len(part) == 1 for part in proper) + (len(proper) < len(parts))
    if proper[0] in lists.given:
        return weight + 1.5
    return weight + any(part in lists.given or part in lists.family for part in proper)


def _around(words: _Words, run: _Run, proper: Sequence[str]) -> float:
    """What the words before and after say."""
    before, after, lead = words.before(run), words.after(run), words.lead(run)
    weight = _cued(lead)
    if before in GREETINGS or (before == "," and words.before(run, 2) in GREETINGS):
        weight += 2
    if before in SPEECH or (before == "at" and words.before(run, 2) in SPEECH):
        weight += 2
    elif before in LEADS:
        weight += 1
    weight += _followed(words, run, after)
    known_given, opens = proper[0] in known().given, words.opens(run)
    if before in BEFORE_PLACES and not (known_given and len(proper) > 1):
        weight -= 2
    if before in DETERMINERS:
        weight -= 2
    if len(proper) == 1:
        weight += -0.5 * (opens and not known_given) + 0.5 * (known_given and not opens)
    return weight


def _cued(lead: str) -> float:
    if _CUE.search(lead) or _CHANGED_TO.search(lead):
        return 3.0
    return 1.5 * bool(_I_AM.search(lead))


def _followed(words: _Words, run: _Run, after: str) -> float:
    weight = 0.0
    if after in ONLY_PEOPLE_DO or (after == "had" and words.after(run, 2) == "given"):
        weight += 2.5
    elif after in SPEECH:
        weight += 1.5
    elif after in DOES:
        weight += 1
    line_begins = words.before(run) in ("", "\n", '"', ">")
    if after == ":" and line_begins:
        weight += 2.5 if words.after(run, 2) in ('"', "“") else 1.5
    elif line_begins and after == "\n" and run.last > run.first:
        weight += 1
    return weight + words.possessive(run)


def _with_their_company(words: _Words, runs: Sequence[_Run], named: set[_Run]) -> Iterator[_Run]:
    """Names in a row stand or fall together: "said Ann to Bea", "our friends: Ann, Bea and Cid", but three family names
    in a row that nothing leads to are a firm."""
    for row in _rows(words, runs):
        single = all(run.first == run.last for run in row)
        led = words.before(row[0]) in _LEADS_ON or any(_titled(words, run) for run in row)
        given = any(words.lower[run.first] in known().given for run in row)
        if len(row) > 2 and single and not led:
            continue
        if len(row) > 1 and single and (led or given) and any(run in named for run in row):
            yield from (run for run in row if _may_be(words, run))
        else:
            yield from (run for run in row if run in named)


def _may_be(words: _Words, run: _Run) -> bool:
    word = words.lower[run.first]
    return word not in NOT_NAMES and word not in NOT_PEOPLE and not words.words[run.first].isupper()


def _rows(words: _Words, runs: Sequence[_Run]) -> Iterator[list[_Run]]:
    """Runs joined by commas, "and" or "to"."""
    row: list[_Run] = []
    for run in runs:
        between = tuple(words.lower[row[-1].last + 1 : run.first]) if row else ()
        if row and between not in _JOINTS:
            yield row
            row = []
        row.append(run)
    if row:
        yield row
