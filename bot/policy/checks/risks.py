"""Risk categories: all eight there, rules that can match, terms that exist, thresholds that rise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from bot.policy.checks.cycles import cycle
from bot.policy.checks.domains import named_after
from bot.policy.checks.wording import folded
from bot.policy.diagnostics import Diagnostic, did_you_mean, shortened
from bot.policy.document import Document
from bot.policy.nodes import Step
from bot.policy.parts import KEY, Parts, error, warning
from bot.policy.schema import RiskPolicy, RiskRule
from bot.severity import Category, Severity

_TERM: Final = re.compile(r"\{([^{}]*)\}")
_BRACKETS: Final = re.compile(r"[()\[\]{}]")
_OPTIONAL: Final = re.compile(r"\[[^\]]*\]")
_WORD: Final = re.compile(r"\w")
_PAIRS: Final = {")": "(", "]": "[", "}": "{"}


def check_risks(parts: Parts) -> Iterator[Diagnostic]:
    seen: dict[Category, str] = {}
    for read in parts.risk:
        if read.part is None:
            continue
        category = read.part.category
        if seen.get(category, read.document.file) != read.document.file:
            message = f"category {category.value!r} is already described in {seen[category]}"
            yield error(read.document, ("category",), message, "one file for each category", "duplicate-id")
        seen.setdefault(category, read.document.file)
        yield from named_after(read.document, "category", category)
        yield from _category(read.document, read.part)
    if parts.complete:
        for category in Category:
            if category not in seen:
                message = f"risk category {category.value!r} is missing: nothing would screen for it"
                hint = f"list risk/{category.value}.yaml here"
                yield error(parts.index, ("risk", KEY), message, hint, "missing-category")


def _category(document: Document, policy: RiskPolicy) -> Iterator[Diagnostic]:
    rules: dict[str, int] = {}
    used: set[str] = set()
    for number, rule in enumerate(policy.rules):
        path = ("rules", number)
        if rule.id in rules:
            message = f"rule {rule.id!r} is already above, in line {document.at('rules', rules[rule.id])[0]}"
            yield error(
                document, (*path, "id"), message, "category and id together name a rule everywhere", "duplicate-id"
            )
        rules.setdefault(rule.id, number)
        yield from _rule(document, path, rule)
        for key in ("phrases", "needs", "unless"):
            for place, phrase in enumerate(getattr(rule, key)):
                yield from _phrase(document, (*path, key, place), phrase, policy, used)
    for name, phrases in policy.terms.items():
        for place, phrase in enumerate(phrases):
            yield from _phrase(document, ("terms", name, place), phrase, policy, used)
    for name in policy.terms:
        if name not in used:
            message = f"term {name!r} is used nowhere"
            yield warning(document, ("terms", name, KEY), message, "use it as {" + name + "}, or remove it", "unused")
    found = cycle({name: [t for p in phrases for t in _TERM.findall(p)] for name, phrases in policy.terms.items()})
    if found:
        message = f"terms go in a circle: {' -> '.join(found)}"
        yield error(document, ("terms", found[0], KEY), message, "write one of them out", "cycle")
    yield from _thresholds(document, policy)


def _rule(document: Document, path: tuple[Step, ...], rule: RiskRule) -> Iterator[Diagnostic]:
    if rule.severity is Severity.NONE:
        message = "a rule of severity 'none' finds nothing"
        yield error(document, (*path, "severity"), message, "write concern, high or imminent", "severity")
    if not rule.phrases:
        message = f"rule {rule.id!r} has no phrases, so it never matches"
        yield error(document, path, message, "add phrases, or remove the rule", "empty-rule")
    unless = {folded(phrase) for phrase in rule.unless}
    for place, phrase in enumerate(rule.phrases):
        if folded(phrase) in unless:
            message = f"{shortened(phrase)!r} is also under unless, so it never counts"
            yield error(document, (*path, "phrases", place), message, "keep it in one of the two", "contradiction")
    harmless = {folded(text) for text in rule.counter_exemplars}
    for place, text in enumerate(rule.exemplars):
        if folded(text) in harmless:
            message = f"{shortened(text)!r} is also a counter-exemplar"
            yield error(document, (*path, "exemplars", place), message, "it cannot be both", "contradiction")


def _phrase(
    document: Document, path: tuple[Step, ...], phrase: str, policy: RiskPolicy, used: set[str]
) -> Iterator[Diagnostic]:
    for name in _TERM.findall(phrase):
        if name in policy.terms:
            used.add(name)
        else:
            message = f"no term {name!r} in this file"
            yield error(document, path, message, did_you_mean(name, policy.terms), "reference")
    stack: list[str] = []
    for sign in _BRACKETS.findall(phrase):
        if sign not in _PAIRS:
            stack.append(sign)
        elif not stack or stack.pop() != _PAIRS[sign]:
            stack = [sign]
            break
    if stack:
        message = f"a bracket is not closed in {shortened(phrase)!r}"
        yield error(document, path, message, "write (a|b), [optional] or {term}", "phrase")
    elif not _WORD.search(_OPTIONAL.sub("", phrase)):
        message = f"{shortened(phrase)!r} would match anything"
        yield error(document, path, message, "a phrase needs a word that must be there", "phrase")


def _thresholds(document: Document, policy: RiskPolicy) -> Iterator[Diagnostic]:
    rising = sorted(policy.escalate_at.items(), key=lambda item: item[0].rank)
    for severity, score in rising:
        if severity is Severity.NONE or score <= 0:
            message = f"a score of {score} for {severity.value!r} would escalate everything"
            hint = "thresholds are for concern, high and imminent, and above 0"
            yield error(document, ("escalate_at", severity.value, KEY), message, hint, "threshold")
    for (lower, low), (higher, high) in pairwise(rising):
        if high <= low:
            message = f"{higher.value!r} is reached at {high}, no later than {lower.value!r} at {low}"
            yield error(document, ("escalate_at", higher.value), message, "thresholds rise with severity", "threshold")
