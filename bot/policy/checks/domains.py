"""Domains against the defaults and against each other: references, worth, modulations, exemplars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from bot.policy.checks.cycles import cycle
from bot.policy.checks.wording import diagnosing, folded
from bot.policy.diagnostics import Diagnostic, closest, did_you_mean, shortened
from bot.policy.document import Document
from bot.policy.nodes import Step
from bot.policy.parts import KEY, Parts, error, warning
from bot.policy.schema import AttributePolicy, Defaults, DomainPolicy, Offline
from bot.profile.attributes import BUCKETS, DOMAINS, Sensitivity


def check_domains(parts: Parts) -> Iterator[Diagnostic]:
    yield from _coverage(parts)
    yield from _exemplars(parts)
    defaults = parts.defaults.part if parts.defaults is not None else None
    if parts.defaults is None or defaults is None:
        return
    general = parts.defaults.document
    yield from _offline(general, ("general",), defaults.general, defaults.attributes)
    for read in parts.domains:
        if read.part is not None:
            yield from _domain(read.document, read.part, defaults)


def _coverage(parts: Parts) -> Iterator[Diagnostic]:
    seen: dict[str, str] = {}
    for read in parts.domains:
        if read.part is None:
            continue
        name = read.part.id
        if seen.get(name, read.document.file) != read.document.file:
            message = f"domain {name!r} is already described in {seen[name]}"
            yield error(read.document, ("id",), message, "one id, one domain", "duplicate-id")
        seen.setdefault(name, read.document.file)
        yield from named_after(read.document, "id", name)
    if parts.complete:
        for name in DOMAINS:
            if name not in seen:
                near = closest(name, [other for other in seen if other not in DOMAINS])
                hint = f"did you mean {name!r} where {seen[near]} says {near!r}?" if near else "list its file here"
                yield error(parts.index, ("domains", KEY), f"domain {name!r} is missing", hint, "missing-domain")


def named_after(document: Document, key: str, name: str) -> Iterator[Diagnostic]:
    """One id, one spelling, everywhere: also in the name of the file."""
    stem = document.file.rpartition("/")[2].removesuffix(".yaml")
    if name != stem:
        message = f"{name!r} stands in a file called {stem!r}"
        yield error(document, (key,), message, f"did you mean {stem!r}? Else rename the file", "file-name")


def _domain(document: Document, domain: DomainPolicy, defaults: Defaults) -> Iterator[Diagnostic]:
    known = defaults.attributes
    for number, name in enumerate(domain.never_ask):
        if name not in known:
            message, hint = f"there is no attribute {name!r}", did_you_mean(name, known)
            yield error(document, ("never_ask", number), message, hint, "reference")
    for name, own in domain.attributes.items():
        path = ("attributes", name)
        if name not in known:
            yield from _unknown(document, (*path, KEY), name, known)
            continue
        for key, text in (("question", own.question), ("reason", own.reason)):
            if text is not None:
                yield from diagnosing(document, (*path, key), text, question=key == "question")
        yield from _worth(document, domain, name, known[name])
    yield from _modulations(document, domain, known)
    yield from _offline(document, ("offline",), domain.offline, known)
    if domain.questions is not None and domain.questions > len(domain.attributes):
        message = f"{domain.questions} questions are allowed, but only {len(domain.attributes)} attributes have a gain"
        yield warning(document, ("questions",), message, "lower it, or add attributes", "budget")
    if not domain.attributes and domain.questions != 0:
        message = "nothing is ever asked in this domain"
        yield warning(document, ("attributes", KEY), message, "add attributes, or write questions: 0", "never-asked")


def _worth(document: Document, domain: DomainPolicy, name: str, common: AttributePolicy) -> Iterator[Diagnostic]:
    own = domain.attributes[name]
    price = common.price if own.price is None else own.price
    chance = common.answer_chance if own.answer_chance is None else own.answer_chance
    factor = max([1.0, *(m.factor for m in domain.modulations if m.target == name)])
    if own.gain * factor * chance <= price:
        message = f"{name!r} is never asked here: {own.gain} x {chance} is not more than its price {price}"
        yield warning(document, ("attributes", name, "gain"), message, "raise the gain, or leave it out", "never-asked")
    if own.price is not None and own.price < common.price and common.sensitivity is Sensitivity.SENSITIVE:
        message = f"{name!r} is sensitive and cheaper here ({own.price}) than elsewhere ({common.price})"
        yield warning(document, ("attributes", name, "price"), message, "leave the price out, or raise it", "price")


def _modulations(
    document: Document, domain: DomainPolicy, known: Mapping[str, AttributePolicy]
) -> Iterator[Diagnostic]:
    edges: dict[str, list[str]] = {}
    seen: dict[tuple[str, str, str], int] = {}
    for number, rule in enumerate(domain.modulations):
        path = ("modulations", number)
        if rule.attribute not in known:
            yield from _unknown(document, (*path, "attribute"), rule.attribute, known)
        else:
            yield from _values(document, (*path, "values"), rule.attribute, rule.values, known)
        if rule.target not in known:
            yield from _unknown(document, (*path, "target"), rule.target, known)
        elif rule.target not in domain.attributes:
            message = f"{rule.target!r} has no gain in this domain, so there is nothing to multiply"
            yield error(document, (*path, "target"), message, did_you_mean(rule.target, domain.attributes), "reference")
        edges.setdefault(rule.attribute, []).append(rule.target)
        for value in rule.values:
            first = seen.setdefault((rule.attribute, value, rule.target), number)
            if first != number:
                message = f"{rule.attribute} = {value!r} already changes {rule.target!r} above"
                yield error(document, path, message, "join the two modulations", "duplicate-modulation")
    found = cycle(edges)
    if found:
        last = max(n for n, rule in enumerate(domain.modulations) if (rule.attribute, rule.target) in _steps(found))
        message = f"modulations go in a circle: {' -> '.join(found)}"
        yield error(document, ("modulations", last), message, "let only one of the two change the other", "cycle")


def _steps(found: Sequence[str]) -> set[tuple[str, str]]:
    return set(pairwise(found))


def _offline(
    document: Document, path: tuple[Step, ...], offline: Offline, known: Mapping[str, AttributePolicy]
) -> Iterator[Diagnostic]:
    for number, point in enumerate(offline.points):
        for name, values in point.when.items():
            where = (*path, "points", number, "when", name)
            if name not in known:
                yield from _unknown(document, (*where, KEY), name, known)
            else:
                yield from _values(document, where, name, values, known)


def _values(
    document: Document,
    path: tuple[Step, ...],
    name: str,
    values: Sequence[str],
    known: Mapping[str, AttributePolicy],
) -> Iterator[Diagnostic]:
    choices = [choice.id for choice in known[name].choices]
    if not values:
        yield error(document, path, "no value is given, so this never holds", did_you_mean("", choices), "value")
    for number, value in enumerate(values):
        if not choices:
            message = f"{name!r} is answered in free text, so this never holds"
            yield error(document, (*path, number), message, "use an attribute with choices", "unknown-value")
        elif value not in choices and value not in BUCKETS.get(name, ()):
            message = f"{shortened(value)!r} is no value of {name!r}"
            yield error(document, (*path, number), message, did_you_mean(value, choices), "unknown-value")


def _unknown(
    document: Document, path: tuple[Step, ...], name: str, known: Mapping[str, AttributePolicy]
) -> Iterator[Diagnostic]:
    """A name that nothing defines. One of the ten that the defaults lack is reported there, once."""
    if name not in BUCKETS:
        hint = did_you_mean(name, {**dict.fromkeys(BUCKETS), **known})
        yield error(document, path, f"no attribute {name!r} in the defaults", hint, "reference")


def _exemplars(parts: Parts) -> Iterator[Diagnostic]:
    """A message cannot be an example of two domains at once."""
    seen: dict[str, str] = {}
    groups: list[tuple[Document, tuple[Step, ...], Sequence[str]]] = [
        (read.document, ("routing", "exemplars"), read.part.routing.exemplars)
        for read in parts.domains
        if read.part is not None
    ]
    if parts.none is not None and parts.none.part is not None:
        groups.append((parts.none.document, ("exemplars",), parts.none.part.exemplars))
    for document, path, exemplars in groups:
        for number, text in enumerate(exemplars):
            first = seen.setdefault(folded(text), document.file)
            if first != document.file:
                message = f"{shortened(text)!r} is already an exemplar in {first}"
                yield error(document, (*path, number), message, "keep it in one of the two", "duplicate-exemplar")
