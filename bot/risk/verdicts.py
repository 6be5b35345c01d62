"""The outcome of a screening, as data."""

from __future__ import annotations

from dataclasses import field

from bot.clock import Seconds
from bot.frozen import dataclass
from bot.severity import Category, Severity, Subject


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the screen found. ``rule`` names the rule of ``policies/risk`` that decided (None: nothing matched;
    ``likeness``: the linear model);
    ``score`` is the accumulated score of the category after this message; ``built_up`` says that it has reached what
    the policy (``escalate_at``) calls a concern or more."""

    severity: Severity
    category: Category | None = None
    rule: str | None = None
    subject: Subject | None = None
    score: float = 0.0
    built_up: bool = False


@dataclass(frozen=True, slots=True)
class Unscreened:
    """The screen could not run; callers must take the safe branch (flag for people, no model-only answer)."""

    problem: str


@dataclass(frozen=True, slots=True)
class RiskHistory:
    """What built up over a conversation: category -> (score, moment). Scores decay with time. Holds no text."""

    scores: dict[Category, tuple[float, Seconds]] = field(default_factory=dict)
