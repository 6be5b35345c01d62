"""The rules of a policy, compiled, and what they find in a text. Pure.

A rule fires where one of its phrases stands, none of its ``unless`` stands in the same sentence, and (where it has
``needs``) one of those stands anywhere in the message. "I am not ...", "I would never ..." before a phrase make it a
denial: it fires as ``concern`` at most, with a third of its score.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.errors import PolicyError
from bot.frozen import dataclass
from bot.policy.schema import RiskPolicy, RiskRule
from bot.risk.grammar import Language
from bot.risk.phrases import BREAKS, NEGATIONS, Phrases
from bot.severity import Category, Severity, Subject

DENIED_SHARE = 1 / 3
"""What a denial leaves of a rule's score."""

_LOOK_BACK = 6
_REPEATED = 1
"""Words that must lie between two matches of a rule, for the second to count as said again."""
_MOST_TIMES = 3
"""A rule's score counts at most this many times in one message; each time said again adds half of it."""
FIRST_PERSON = frozenset(("i", "me", "myself"))
_OTHER_PEOPLE = """
he she they him her them someone somebody people everyone friend friends mom mother dad father brother sister son
daughter husband wife boyfriend girlfriend partner ex cousin uncle aunt child children kid kids student patient client
roommate coworker colleague neighbor neighbour teenager teen person woman man girl boy classmate teacher who himself
herself themselves
"""
OTHERS = frozenset(_OTHER_PEOPLE.split())
_SMALL_WORDS = """
a about actively actually all am any anything at be been being currently desire ever feel feeling for going have having
intend intending intention intentions just like myself need of plan planning plans really reason that think thinking
thought thoughts to trying try want wanted wanting would
"""
_BETWEEN = frozenset(_SMALL_WORDS.split())
"""Words that may stand between a negation and what it denies."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that fired, with the severity and score it fires with."""

    category: Category
    rule: str
    severity: Severity
    subject: Subject
    score: float


@dataclass(frozen=True, slots=True)
class _Match:
    """Where a phrase stands: words[start:end]."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A rule, with the phrases it ``needs`` and its ``unless``."""

    category: Category
    rule: RiskRule
    needs: Phrases
    unless: Phrases


class Rules:
    """All rules of some risk policies. Raises PolicyError, naming the rule, where a phrase cannot be read."""

    def __init__(self, policies: Iterable[RiskPolicy]) -> None:
        self._rules: list[_Compiled] = []
        self._phrases = Phrases()
        self._owners: list[int] = []
        for policy in policies:
            language = Language(policy.terms)
            for rule in policy.rules:
                self._compile(policy, rule, language)

    def _compile(self, policy: RiskPolicy, rule: RiskRule, language: Language) -> None:
        compiled = _Compiled(policy.category, rule, Phrases(), Phrases())
        roles = ((self._phrases, rule.phrases), (compiled.needs, rule.needs), (compiled.unless, rule.unless))
        for found, phrases in roles:
            for phrase in phrases:
                try:
                    found.add(phrase, language)
                except PolicyError as error:
                    raise PolicyError(f"risk rule {policy.category}.{rule.id}: {error}") from error
        self._owners += [len(self._rules)] * len(rule.phrases)
        self._rules.append(compiled)

    def findings(self, words: Sequence[str]) -> tuple[Finding, ...]:
        """The rules that fire on ``words`` (of :func:`bot.risk.normalise.tokens`), in the order of the policy."""
        found = self._phrases.find(words)
        if not found:
            return ()
        sentences = _sentences(words)
        by_rule: dict[int, list[tuple[int, int]]] = {}
        for phrase, end in found:
            by_rule.setdefault(self._owners[phrase], []).append((phrase, end))
        findings = (
            self._finding(self._rules[index], hits, words, sentences) for index, hits in sorted(by_rule.items())
        )
        return tuple(finding for finding in findings if finding is not None)

    def _finding(
        self, compiled: _Compiled, hits: Iterable[tuple[int, int]], words: Sequence[str], sentences: Sequence[int]
    ) -> Finding | None:
        """What a rule says whose phrases stand at ``hits``; ``sentences`` numbers the sentence of each word."""
        category, rule = compiled.category, compiled.rule
        spared = {sentences[end - 1] for _, end in compiled.unless.find(words)}
        standing = [
            _Match(self._phrases.start(phrase, words, end), end)
            for phrase, end in hits
            if sentences[end - 1] not in spared
        ]
        if not standing or (rule.needs and not compiled.needs.find(words)):
            return None
        meant = [match for match in standing if not _denied(match, words)]
        if not meant:
            lowered = min(rule.severity, Severity.CONCERN, key=lambda severity: severity.rank)
            return Finding(category, rule.id, lowered, rule.subject, rule.score * DENIED_SHARE)
        own = rule.subject is Subject.SELF and any(_of_the_writer(match, words) for match in meant)
        score = rule.score * min(_MOST_TIMES, 1 + (_apart(meant) - 1) / 2)
        return Finding(category, rule.id, rule.severity, Subject.SELF if own else Subject.OTHER, score)


def _apart(matches: Sequence[_Match]) -> int:
    """How many of ``matches`` say it again rather than the same words once more."""
    count, last = 0, -_REPEATED
    for match in matches:
        if match.start >= last + _REPEATED:
            count += 1
            last = match.end
    return count


def _denied(match: _Match, words: Sequence[str]) -> bool:
    """Whether a negation stands before the match: "I am not ...", "I would never think of ..."."""
    if words[match.start] in ("i", "my"):
        return False
    for place in range(match.start - 1, max(-1, match.start - 1 - _LOOK_BACK), -1):
        if words[place] in NEGATIONS:
            # "I can not ...", "why not ..." and "is it not ..?" are no denials.
            asked = place < 2 or words[place - 2] in BREAKS
            return place == 0 or words[place - 1] not in (("can", "why", "if", "or") + (("is", "are", "do") * asked))
        if words[place] not in _BETWEEN:
            return False
    return False


def _of_the_writer(match: _Match, words: Sequence[str]) -> bool:
    """Whether the match is about the one who writes: by its own words, else by the nearest person named before it."""
    if not FIRST_PERSON.isdisjoint(words[match.start : match.end]):
        return True
    for word in reversed(words[max(0, match.start - 2 * _LOOK_BACK) : match.start]):
        if word in FIRST_PERSON:
            return True
        if word in OTHERS:
            return False
        if word in BREAKS:
            return True
    return True


def _sentences(words: Sequence[str]) -> list[int]:
    """The number of the sentence each word stands in."""
    number = 0
    numbers: list[int] = []
    for word in words:
        numbers.append(number)
        number += word in BREAKS
    return numbers
