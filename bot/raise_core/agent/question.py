"""The wording of a question: from the policy, so that asking costs no model call (METHOD 6.3)."""

from __future__ import annotations

from typing import Final

from bot.chat import Choice, ChoiceKind, Question
from bot.policy.phrases import find, phrase
from bot.policy.schema import AttributePolicy, DomainAttribute, Policy
from bot.profile.attributes import Sensitivity

SKIP: Final = "skip"
WHY: Final = "why"
STOP: Final = "stop"


def is_private(policy: AttributePolicy) -> bool:
    """Whether a question must be put where only the person sees it: anything but the ordinary."""
    return policy.sensitivity is not Sensitivity.ORDINARY


def reason(policy: Policy, domain: str | None, attribute: str, locale: str) -> str:
    """The answer to "Why do you ask?"."""
    there = _in_domain(policy, domain, attribute)
    words = (there.reason if there else None) or policy.defaults.attributes[attribute].reason
    return translated(policy, locale, f"attributes.{attribute}.reason", words)


def label(policy: Policy, attribute: str, locale: str) -> str:
    """The attribute's display name; its id where the policy no longer knows it."""
    if attribute not in policy.defaults.attributes:
        return attribute
    return translated(policy, locale, f"attributes.{attribute}.label", policy.defaults.attributes[attribute].label)


def question(
    policy: Policy, domain: str | None, attribute: str, *, locale: str, private: bool, consent: str | None = None
) -> Question:
    """The question about ``attribute``; ``private``: only the person may see it.

    ``consent`` is the sentence about purpose and time that comes with the first sensitive one; None where it was said
    before or is not needed."""
    general = policy.defaults.attributes[attribute]
    there = _in_domain(policy, domain, attribute)
    text = translated(
        policy, locale, f"attributes.{attribute}.question", (there.question if there else None) or general.question
    )
    values = tuple(
        Choice(
            f"{attribute}:{choice.id}",
            translated(policy, locale, f"attributes.{attribute}.choices.{choice.id}", choice.label),
        )
        for choice in general.choices
    )
    gestures = (
        Choice(f"{attribute}:{SKIP}", phrase(policy, locale, "question.skip"), ChoiceKind.SKIP),
        Choice(f"{attribute}:{WHY}", phrase(policy, locale, "question.why"), ChoiceKind.WHY),
        Choice(f"{attribute}:{STOP}", phrase(policy, locale, "question.stop"), ChoiceKind.STOP),
    )
    return Question(
        attribute=attribute,
        text=f"{text}\n\n{consent}" if consent else text,
        choices=values + gestures,
        private=private,
        reason=reason(policy, domain, attribute, locale),
    )


def _in_domain(policy: Policy, domain: str | None, attribute: str) -> DomainAttribute | None:
    there = policy.domains.get(domain) if domain is not None else None
    return there.attributes.get(attribute) if there is not None else None


def translated(policy: Policy, locale: str, phrase_id: str, english: str) -> str:
    """The locale's own wording where it has one, else the policy's English."""
    return find(policy, locale, phrase_id) or english
