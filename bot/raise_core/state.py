"""What a decision is made from: the domain's table of gains, chances and prices.

The value of a set of attributes has diminishing returns: each known attribute removes a share of what is left to gain
(METHOD 6.1: the log of the remaining deficit is nearly additive).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Final

from bot.errors import PolicyError
from bot.frozen import dataclass
from bot.policy.schema import Modulation, Policy

BASELINE: Final = 3.12
"""Mean score with no background known: the baseline of METHOD section 3 (1-5 scale)."""
CEILING: Final = 5.0
"""Top of the rubric's scale."""
ROOM: Final = CEILING - BASELINE
"""Points that background can bring at most; a gain divided by it is the share of the deficit an attribute removes."""
PUBLISHED_GAINS: Final[Mapping[str, float]] = {
    "mental_health_status": 0.85,
    "emotional_state": 0.78,
    "past_self_harm_history": 0.71,
    "health_status": 0.55,
    "education_level": 0.41,
    "economic_status": 0.38,
    "profession": 0.38,
    "age": 0.31,
    "marital_status": 0.31,
    "gender": 0.21,
}
"""Points that knowing one attribute alone brings on average (METHOD section 3)."""
MOST: Final = 0.95
"""No single attribute removes more than this share of the deficit (METHOD section 7 clips weights the same way)."""


@dataclass(frozen=True, slots=True)
class AttributeTerms:
    """What one attribute is worth in a domain: ``gain`` and ``price`` in points of the 1-5 scale, ``chance`` that a
    person answers when asked."""

    gain: float
    chance: float
    price: float


@dataclass(frozen=True, slots=True)
class Table:
    """A domain's terms, ready for deciding. ``limit`` is the most questions asked about one query."""

    domain: str
    terms: Mapping[str, AttributeTerms]
    modulations: tuple[Modulation, ...]
    price_growth: float
    limit: int
    never: frozenset[str] = frozenset()
    """Attributes that are not asked for, though used where people tell them."""
    _shares: Mapping[str, float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """What each attribute removes of the deficit by itself is worked out once."""
        object.__setattr__(self, "_shares", {name: _share(terms.gain) for name, terms in self.terms.items()})

    @classmethod
    def of(cls, policy: Policy, domain_id: str) -> Table:
        """The table of one domain of a policy; what the domain leaves out comes from ``defaults.yaml``.

        Raises PolicyError for an unknown domain or an attribute that the defaults do not describe."""
        domain = policy.domains.get(domain_id)
        if domain is None:
            raise PolicyError(f"expected one of the domains {', '.join(sorted(policy.domains))}, got {domain_id!r}")
        terms: dict[str, AttributeTerms] = {}
        for attribute, own in domain.attributes.items():
            common = policy.defaults.attributes.get(attribute)
            if common is None:
                raise PolicyError(
                    f"domain {domain_id} gives a gain to {attribute!r}, which defaults.yaml does not describe: "
                    "add it under attributes there, or remove it here"
                )
            terms[attribute] = AttributeTerms(
                gain=own.gain,
                chance=common.answer_chance if own.answer_chance is None else own.answer_chance,
                price=common.price if own.price is None else own.price,
            )
        limit = policy.defaults.budget.questions if domain.questions is None else domain.questions
        growth, never = policy.defaults.abstention.price_growth, frozenset(domain.never_ask)
        return cls(domain_id, terms, domain.modulations, growth, limit, never)

    def gains(self, known: Mapping[str, str | None]) -> dict[str, float]:
        """Points expected from learning each attribute of the table that is not in ``known`` (attribute -> bucket).

        Answers branch: a modulation whose value is known multiplies its target's gain."""
        if not known:
            return {attribute: ROOM * share for attribute, share in self._shares.items()}
        factors: dict[str, float] = {}
        for rule in self.modulations:
            if known.get(rule.attribute) in rule.values:
                factors[rule.target] = factors.get(rule.target, 1.0) * rule.factor
        left = ROOM
        unknown: dict[str, float] = {}
        for attribute, share in self._shares.items():
            if attribute in factors:
                share = _share(self.terms[attribute].gain * factors[attribute])
            if attribute in known:
                left *= 1.0 - share
            else:
                unknown[attribute] = share
        return {attribute: left * share for attribute, share in unknown.items()}

    def price(self, attribute: str, asked: int) -> float:
        """What asking costs after ``asked`` questions, in points."""
        return self.terms[attribute].price * (1.0 + self.price_growth * asked)


def _share(gain: float) -> float:
    """The share of the deficit that a gain of so many points removes."""
    return min(gain / ROOM, MOST)
