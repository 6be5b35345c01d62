"""The effective policy of one place, in plain values: what ``policy show`` prints and ``policy diff`` compares."""

from __future__ import annotations

from collections.abc import Mapping

from bot.policy.schema import DomainPolicy, Policy

Flat = Mapping[str, str]
"""Dotted key -> value as text."""


def effective(policy: Policy) -> dict[str, object]:
    """What is decided by in this policy, domain by domain, with everything the defaults fill in."""
    defaults = policy.defaults
    return {
        "policy": policy.id,
        "budget": defaults.budget.model_dump(mode="json"),
        "abstention": defaults.abstention.model_dump(mode="json"),
        "retention": defaults.retention.model_dump(mode="json"),
        "routing": defaults.routing.model_dump(mode="json"),
        "crisis": defaults.crisis.model_dump(mode="json"),
        "guidance": list(defaults.guidance),
        "domains": {name: _domain(policy, domain) for name, domain in policy.domains.items()},
        "risk": {
            category.value: {
                "on_failure": risk.on_failure.value,
                "half_life": risk.half_life,
                "escalate_at": {severity.value: score for severity, score in risk.escalate_at.items()},
                "rules": {rule.id: rule.severity.value for rule in risk.rules},
            }
            for category, risk in policy.risk.items()
        },
        "locales": sorted(policy.locales),
    }


def _domain(policy: Policy, domain: DomainPolicy) -> dict[str, object]:
    general = policy.defaults.attributes
    limit = policy.defaults.budget.questions if domain.questions is None else domain.questions
    return {
        "questions": limit,
        "model": domain.model,
        "attributes": {
            name: {
                "gain": own.gain,
                "chance": general[name].answer_chance if own.answer_chance is None else own.answer_chance,
                "price": general[name].price if own.price is None else own.price,
                "asked": name not in domain.never_ask and limit > 0,
            }
            for name, own in domain.attributes.items()
        },
    }


def flat(values: object, prefix: str = "") -> dict[str, str]:
    """Nested values as dotted keys: ``domains.health.questions`` -> ``2``."""
    if isinstance(values, Mapping):
        found: dict[str, str] = {}
        for name, inner in values.items():
            found |= flat(inner, f"{prefix}.{name}" if prefix else str(name))
        return found
    if isinstance(values, list | tuple):
        return {f"{prefix}[{number}]": str(each) for number, each in enumerate(values)}
    return {prefix: str(values)}
