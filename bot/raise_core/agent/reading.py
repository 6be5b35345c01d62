"""What a reply tells, read without a model: choices, phrases and numbers of the policy come first.

Only what this cannot read goes to the one structured model call (``model_reading``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Final, TypeVar

from bot.frozen import dataclass
from bot.policy.phrases import phrases_of
from bot.policy.schema import AttributePolicy, Policy
from bot.private import Private
from bot.profile.attributes import Scope
from bot.profile.record import Value
from bot.raise_core.agent.words import Hit, Phrases, words

T = TypeVar("T")

_RANGE: Final = re.compile(r"^(\d+)-(\d+)$|^(\d+)\+$")
_AGES: Final = (
    re.compile(
        r"\b(?:i am|i'm|i’m|im|i just turned|i turned|aged?) (\d{1,3})\b(?! ?(?:weeks?|months?|days?|%|hours?))", re.I
    ),
    re.compile(r"\b(?:i|me|my)\b.{0,3}\((\d{2}) ?[mfx]\w{0,7}\)|\(?\b(\d{2}) ?(?:yo|y/o)\b", re.I),
    re.compile(r"\b(?:as|being) a (\d{1,3})[- ]year[- ]old\b|\b(?:i am|i'm|i’m|im) a (\d{1,3})[- ]year[- ]old\b", re.I),
)
_DIGIT: Final = re.compile(r"\d")
_NUMBER: Final = re.compile(r"(?<![\d.,$€£])(\d{1,3})(?![\d.,]*\d|%)")
_LEAD: Final = re.compile(r"^(?:i am|i'm|im|i have been|i've been|i got|i have|i've|we are|we're) (?:a |an )?", re.I)
_OLDEST: Final = 120
_FREE_LIMIT: Final = 80
_SPECIFIC: Final = 6
_BRIEF: Final = 40
"""Characters of the longest courtesy."""
_LONG: Final = 12
"""Words of the longest message that is one gesture, or goes on with what was said without naming it."""
_CLEAR: Final = 4
"""Words of a phrase that means the question wherever it stands. Of fewer, the same words often mean a life: "I can't
stop", "I skip meals", "rather not be here"."""


class Gesture(StrEnum):
    """What a person does with a question other than answering it."""

    SKIP = "skip"
    WHY = "why"
    STOP = "stop"


class Courtesy(StrEnum):
    """What may be all that a person writes."""

    GREETING = "greeting"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True)
class Reading:
    """``values``: attribute -> value, everything the reply told. ``gesture``: skip, why or stop, None for neither.
    ``correction`` says that the person is putting right something said before. ``goes_on``: it names nothing of its own
    ("what should I do now?"), so that it is about what was said before."""

    values: Mapping[str, Value] = field(default_factory=dict)
    gesture: Gesture | None = None
    correction: bool = False
    goes_on: bool = False


class Reader:
    """Compiled from one policy; pure and safe to share."""

    def __init__(self, policy: Policy) -> None:
        self._attributes = policy.defaults.attributes
        self._ranges = {
            name: ranges for name, each in self._attributes.items() if (ranges := _ranges(each)) is not None
        }
        self._choices = {
            name: Phrases(
                [(phrase, choice.id) for choice in each.choices for phrase in (choice.id, choice.label, *choice.words)]
            )
            for name, each in self._attributes.items()
        }
        cues = [
            (cue, (name, choice.id))
            for name, each in self._attributes.items()
            for choice in each.choices
            for cue in choice.cues
        ]
        self._cues = Phrases(cues)
        bare = [(core, meaning) for cue, meaning in cues if len(core := _LEAD.sub("", cue)) >= _SPECIFIC]
        self._bare_cues = Phrases([*cues, *bare])
        self._gestures = Phrases(
            [(phrase, gesture) for gesture in Gesture for phrase in phrases_of(policy, f"reply.{gesture}")]
        )
        self._asides = frozenset(word for aside in phrases_of(policy, "reply.aside") for word in words(aside))
        self._nameless = frozenset(word for each in phrases_of(policy, "said.goes_on") for word in words(each))
        self._courtesies = {words(said): each for each in Courtesy for said in phrases_of(policy, f"said.{each}")}
        self._corrections = Phrases([(phrase, True) for phrase in phrases_of(policy, "reply.correction")])

    def choice(self, attribute: str, choice_id: str) -> Value | None:
        """The value of a pressed choice; None for a choice the policy no longer offers."""
        policy = self._attributes.get(attribute)
        for choice in policy.choices if policy else ():
            if choice.id == choice_id:
                return Value(Private(choice.label), choice.id)
        return None

    def value(self, attribute: str, text: str) -> Value | None:
        """``text`` read as a value of this one attribute, as in a correction; None when it says nothing about it."""
        policy = self._attributes.get(attribute)
        if policy is None:
            return None
        said = words(text)
        found = self._number(attribute, text) or self._phrase(attribute, said)
        return found if found is not None or not said else self._own_words(policy, text)

    def volunteered(self, text: str) -> Reading:
        """What a message tells about the person without having been asked."""
        said = words(text)
        return Reading(self._told(text, self._cues, said), None, self._corrects(said), self._goes_on(said))

    def courtesy(self, text: str) -> Courtesy | None:
        """What the whole of a message is, in any language of the policy; None where it says more."""
        return self._courtesies.get(words(text)) if len(text) <= _BRIEF else None

    def reply(self, attribute: str, text: str) -> Reading:
        """What a reply to the open question about ``attribute`` tells, about it and about others."""
        said = words(text)
        told = self._told(text, self._bare_cues, said)
        value = self._number(attribute, text) or self._phrase(attribute, said)
        gesture = None if value else self._gesture(said)
        if value is None and gesture is None and attribute not in told:
            value = self._by_the_rest(attribute, text, said, told)
        if value is not None:
            told[attribute] = Value(Private(text.strip()[:_FREE_LIMIT]), value.bucket)
        return Reading(told, gesture, self._corrects(said), self._goes_on(said))

    def _corrects(self, said: Sequence[str]) -> bool:
        return next(self._corrections.find(said), None) is not None

    def _goes_on(self, said: tuple[str, ...]) -> bool:
        return 0 < len(said) <= _LONG and self._nameless.issuperset(said) and said not in self._courtesies

    def _gesture(self, said: Sequence[str]) -> Gesture | None:
        """A gesture is the point of a short reply: a clear phrase, or with asides all there is to it."""
        if len(said) > _LONG:
            return None
        hits = sorted(self._gestures.find(said), key=lambda hit: -hit.length)
        if not hits or hits[0].length >= _CLEAR:
            return hits[0].meaning if hits else None
        meant = {place for hit in hits for place in range(hit.start, hit.start + hit.length)}
        alone = all(place in meant or word in self._asides for place, word in enumerate(said))
        return hits[0].meaning if alone else None

    def _told(self, text: str, cues: Phrases[tuple[str, str]], said: Sequence[str]) -> dict[str, Value]:
        told: dict[str, Value] = {}
        for hit in cues.find(said):
            name, bucket = hit.meaning
            if not hit.negated:
                told.setdefault(name, Value(Private(" ".join(said[hit.start : hit.start + hit.length])), bucket))
        for name in self._ranges if _DIGIT.search(text) else ():
            for pattern in _AGES:
                if (match := pattern.search(text)) and (age := int(next(g for g in match.groups() if g))) <= _OLDEST:
                    told[name] = Value(Private(str(age)), self._bucket(name, age))
                    break
        return told

    def _number(self, attribute: str, text: str) -> Value | None:
        if attribute not in self._ranges:
            return None
        numbers = [int(found) for found in _NUMBER.findall(text) if 0 < int(found) <= _OLDEST]
        return Value(Private(str(numbers[0])), self._bucket(attribute, numbers[0])) if numbers else None

    def _bucket(self, attribute: str, number: int) -> str | None:
        for low, high, bucket in self._ranges[attribute]:
            if low <= number <= high:
                return bucket
        return None

    def _phrase(self, attribute: str, said: Sequence[str]) -> Value | None:
        hits = [hit for hit in self._choices[attribute].find(said) if not hit.negated]
        if not hits:
            return None
        best = max(hits, key=lambda hit: (hit.length, -hit.start))
        return Value(Private(" ".join(said)), best.meaning)

    def _by_the_rest(self, attribute: str, text: str, said: Sequence[str], told: dict[str, Value]) -> Value | None:
        """What the words tell that nothing else accounts for: an answer of their own, or a choice of exactly one other
        attribute, which is added to ``told`` ("both sad and angry")."""
        covered = self._nameless.union(*(_words_of(hit, said) for hit in self._bare_cues.find(said)))
        rest = {word for word in said if word not in covered and not word.isdigit()}
        others: dict[str, tuple[set[str], str]] = {}
        for name, choices in self._choices.items() if rest else ():
            hits = [hit for hit in choices.find(said) if not hit.negated] if name != attribute else []
            if hits:
                others[name] = {word for hit in hits for word in _words_of(hit, said)}, hits[0].meaning
        # What passes ("lonely") is nobody's profession; what lasts ("unemployed") may be.
        passing = (named for name, (named, _) in others.items() if self._attributes[name].scope is not Scope.USER)
        own = self._own_words(self._attributes[attribute], text) if rest.difference(*passing) else None
        whole = [(name, meaning) for name, (named, meaning) in others.items() if rest <= named]
        if own is None and len(whole) == 1:
            name, meaning = whole[0]
            told[name] = Value(Private(text.strip()[:_FREE_LIMIT]), meaning)
        return own

    def _own_words(self, policy: AttributePolicy, text: str) -> Value | None:
        """A short statement answers a question that has no fixed choices (a profession)."""
        closed = any(choice.id for choice in policy.choices)
        if closed or not policy.free_text or len(text) > _FREE_LIMIT or text.rstrip().endswith("?"):
            return None
        return Value(Private(text.strip()), None)


def _words_of(hit: Hit[T], said: Sequence[str]) -> Sequence[str]:
    return said[hit.start : hit.start + hit.length]


def _ranges(policy: AttributePolicy) -> tuple[tuple[int, int, str], ...] | None:
    """``18-24`` and ``55+`` as numbers, where every choice is such a range; None otherwise."""
    ranges: list[tuple[int, int, str]] = []
    for choice in policy.choices:
        match = _RANGE.match(choice.id)
        if match is None:
            return None
        low, high, above = match.groups()
        ranges.append((int(low or above), int(high) if high else _OLDEST, choice.id))
    return tuple(ranges) or None
