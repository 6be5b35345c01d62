"""Is enough known to answer safely? By the plan, by the model's word, or by both (paper, section on abstention).

The released code stops when its score says "not enough" and takes any error for "enough" (METHOD section 5, 1 and 2).
Here a missing or broken score is Unscorable, and Unscorable is never enough.
"""

from __future__ import annotations

from typing import assert_never

from bot.frozen import dataclass
from bot.policy.schema import Abstention, AbstentionMode
from bot.raise_core.agent.acquire import Ask, Candidate, Enough, Stop


@dataclass(frozen=True, slots=True)
class Scored:
    """The model's completeness of what is known, 0 (nothing) to 5 (enough for a safe answer)."""

    completeness: float


@dataclass(frozen=True, slots=True)
class Unscorable:
    """There is no score: the model failed, or what it said was not a score."""

    problem: str


@dataclass(frozen=True, slots=True)
class Unasked:
    """The model was not asked since something changed."""


Sufficiency = Scored | Unscorable | Unasked


def sufficient(sufficiency: Sufficiency, abstention: Abstention) -> bool:
    """Whether the model's word says that enough is known."""
    match sufficiency:
        case Scored(completeness):
            return completeness >= abstention.threshold
        case Unscorable() | Unasked():
            return False
        case _:
            assert_never(sufficiency)


def settle(plan: Ask | Enough, sufficiency: Sufficiency, abstention: Abstention) -> Ask | Enough:
    """The plan's decision under the policy's mode of abstention.

    PLANNED: the plan alone. BOTH: ask only what is worth its price, and stop early when the model says enough. MODEL:
    the model alone decides when to stop; the plan only says what is best to ask next. Hard limits hold in every mode.
    """
    enough = sufficient(sufficiency, abstention)
    match abstention.mode:
        case AbstentionMode.PLANNED:
            return plan
        case AbstentionMode.BOTH:
            return Enough(Stop.SUFFICIENT, plan.reasons) if enough and isinstance(plan, Ask) else plan
        case AbstentionMode.MODEL:
            if enough:
                return Enough(Stop.SUFFICIENT, plan.reasons)
            return _ask_on(plan)
        case _:
            assert_never(abstention.mode)


def _ask_on(plan: Ask | Enough) -> Ask | Enough:
    """Where only the price spoke against asking, the model's "not enough" outweighs it."""
    if isinstance(plan, Ask) or plan.stop is not Stop.NOT_WORTH_IT:
        return plan
    best: Candidate = max(plan.reasons, key=lambda candidate: candidate.expected)
    return Ask(best.attribute, (best, *(each for each in plan.reasons if each is not best)))
