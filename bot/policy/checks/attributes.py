"""The attributes of defaults.yaml: all ten there, with the agreed choices, priced and protected sensibly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from bot.policy.checks.wording import diagnosing, folded
from bot.policy.diagnostics import Diagnostic, closest, did_you_mean, shortened
from bot.policy.document import Document
from bot.policy.nodes import Step
from bot.policy.parts import KEY, Read, error, warning
from bot.policy.schema import AttributePolicy, ChoicePolicy, Defaults
from bot.profile.attributes import ATTRIBUTES, BUCKETS, Scope, Sensitivity

MOST_CHOICES: Final = 20
LONGEST_LABEL: Final = 75
"""Characters of a button's text (Slack, reference of the button element)."""
LONGEST_ID: Final = 100
"""Characters of ``attribute:choice`` (Discord, custom_id of a component)."""

LEAST: Final[Mapping[str, Sensitivity]] = {
    "health_status": Sensitivity.SENSITIVE,
    "mental_health_status": Sensitivity.SENSITIVE,
    "past_self_harm_history": Sensitivity.SENSITIVE,
    "economic_status": Sensitivity.PERSONAL,
    "emotional_state": Sensitivity.PERSONAL,
}
"""Data on health is of a special category (GDPR, Article 9): a policy may protect more than this, never less."""
_RANKS: Final = (Sensitivity.ORDINARY, Sensitivity.PERSONAL, Sensitivity.SENSITIVE)


def check_attributes(read: Read[Defaults]) -> Iterator[Diagnostic]:
    defaults, document = read.part, read.document
    if defaults is None:
        return
    yield from _coverage(defaults, document)
    for name, attribute in defaults.attributes.items():
        yield from _choices(name, attribute, document)
        yield from _protection(name, attribute, document)
        for key, text in (("question", attribute.question), ("reason", attribute.reason)):
            yield from diagnosing(document, ("attributes", name, key), text, question=key == "question")
    yield from _prices(defaults, document)
    yield from _shared_cues(defaults, document)


def _coverage(defaults: Defaults, document: Document) -> Iterator[Diagnostic]:
    own = [name for name in defaults.attributes if name not in BUCKETS]
    for name in ATTRIBUTES:
        if name in defaults.attributes:
            continue
        meant = closest(name, own)
        if meant is not None:
            hint = f"did you mean {name!r}?"
            yield error(document, ("attributes", meant, KEY), f"{meant!r} stands where {name!r} is due", hint, "name")
        else:
            hint = "each of the ten must be described, even if no domain asks for it"
            yield error(document, ("attributes", KEY), f"attribute {name!r} is missing", hint, "missing-attribute")


def _choices(name: str, attribute: AttributePolicy, document: Document) -> Iterator[Diagnostic]:
    path = ("attributes", name, "choices")
    buckets = BUCKETS.get(name, ())
    ids = [choice.id for choice in attribute.choices]
    if not ids and not attribute.free_text:
        yield error(document, (*path[:2], KEY), f"{name!r} cannot be answered", "add choices, or free_text", "choices")
    if len(ids) > MOST_CHOICES:
        yield error(document, path, f"{len(ids)} choices; at most {MOST_CHOICES} fit", "join some of them", "choices")
    for number, choice in enumerate(attribute.choices):
        if buckets and choice.id not in buckets:
            hint = did_you_mean(choice.id, [bucket for bucket in buckets if bucket not in ids] or buckets)
            yield error(
                document, (*path, number, "id"), f"{choice.id!r} is no value of {name!r}", hint, "unknown-value"
            )
        yield from _choice(f"{name}:{choice.id}", choice, document, (*path, number))
    if buckets and all(choice in buckets for choice in ids):
        for missing in [bucket for bucket in buckets if bucket not in ids]:
            hint = "every value of the catalogue needs a choice"
            yield error(document, (*path, KEY), f"{name!r} has no choice {missing!r}", hint, "missing-value")
    yield from _repeated(attribute, document, path)


def _choice(full_id: str, choice: ChoicePolicy, document: Document, path: tuple[Step, ...]) -> Iterator[Diagnostic]:
    if len(full_id) > LONGEST_ID:
        yield error(document, (*path, "id"), f"{shortened(full_id)!r} is too long", f"at most {LONGEST_ID}", "choices")
    if len(choice.label) > LONGEST_LABEL:
        message = f"this label has {len(choice.label)} characters; a button shows at most {LONGEST_LABEL}"
        yield error(document, (*path, "label"), message, "shorten it", "label-length")


def _repeated(attribute: AttributePolicy, document: Document, path: tuple[str, ...]) -> Iterator[Diagnostic]:
    """Within one attribute an id, a label, a word and a cue stand for one choice only."""
    seen: dict[tuple[str, str], str] = {}
    for number, choice in enumerate(attribute.choices):
        for kind, key, texts in (
            ("id", "id", (choice.id,)),
            ("reply", "label", (choice.label,)),
            ("reply", "words", choice.words),
            ("cue", "cues", choice.cues),
        ):
            for place, text in enumerate(texts):
                first = seen.setdefault((kind, folded(text)), choice.id)
                again = first == choice.id and kind == "id" and number != _first(attribute, choice.id)
                if first != choice.id or again:
                    where: tuple[Step, ...] = (*path, number, key)
                    where = (*where, place) if key in ("words", "cues") else where
                    message = f"{shortened(text)!r} already stands for {first!r}"
                    hint = "an id names one choice" if again else "keep it with one of the two"
                    yield error(document, where, message, hint, "duplicate-choice")


def _first(attribute: AttributePolicy, choice_id: str) -> int:
    return next(number for number, choice in enumerate(attribute.choices) if choice.id == choice_id)


def _protection(name: str, attribute: AttributePolicy, document: Document) -> Iterator[Diagnostic]:
    least = LEAST.get(name, Sensitivity.ORDINARY)
    path = ("attributes", name, "sensitivity")
    if _RANKS.index(attribute.sensitivity) < _RANKS.index(least):
        message = f"{name!r} must be at least {least.value!r}, got {attribute.sensitivity.value!r}"
        yield error(
            document, path, message, f"write {least.value}; data on health and the like needs it", "sensitivity"
        )
    sensitive = attribute.sensitivity is Sensitivity.SENSITIVE
    if sensitive and attribute.scope is Scope.USER:
        message = f"{name!r} is sensitive and would be kept beyond the conversation"
        yield warning(document, ("attributes", name, "scope"), message, "scope: conversation keeps less", "scope")
    if sensitive and attribute.price == 0:
        message = f"asking for {name!r} would cost nothing, although it is sensitive"
        yield error(document, ("attributes", name, "price"), message, "set a price above 0", "price")
    if attribute.answer_chance == 0:
        message = f"{name!r} is never asked: nobody is expected to answer"
        yield warning(document, ("attributes", name, "answer_chance"), message, "set a chance above 0", "never-asked")


def _prices(defaults: Defaults, document: Document) -> Iterator[Diagnostic]:
    ordinary = [a.price for a in defaults.attributes.values() if a.sensitivity is Sensitivity.ORDINARY]
    dearest = max(ordinary, default=0.0)
    for name, attribute in defaults.attributes.items():
        if attribute.sensitivity is Sensitivity.SENSITIVE and 0 < attribute.price < dearest:
            message = f"asking for {name!r} costs {attribute.price}, less than ordinary attributes ({dearest})"
            yield warning(document, ("attributes", name, "price"), message, "sensitive ones cost more", "price")


def _shared_cues(defaults: Defaults, document: Document) -> Iterator[Diagnostic]:
    seen: dict[str, str] = {}
    for name, attribute in defaults.attributes.items():
        for number, choice in enumerate(attribute.choices):
            for place, cue in enumerate(choice.cues):
                first = seen.setdefault(folded(cue), name)
                if first != name:
                    path = ("attributes", name, "choices", number, "cues", place)
                    message = f"cue {shortened(cue)!r} is already one of {first!r}"
                    yield error(document, path, message, "a cue reveals one attribute", "duplicate-cue")
