"""The deterministic screen: normalised text against the rules and the exemplars of the policy, judged with what came
before in the conversation. Needs no model, no store and no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.clock import Seconds
from bot.policy.durations import seconds
from bot.policy.schema import Policy, RiskPolicy
from bot.risk.history import risen, score_at
from bot.risk.likeness import Likeness, likeness
from bot.risk.normalise import tokens
from bot.risk.rules import FIRST_PERSON, OTHERS, Finding, Rules
from bot.risk.verdicts import RiskHistory, Unscreened, Verdict
from bot.severity import Category, Severity, Subject

_HIGH, _CONCERN = 2.5, 0.9
"""From which score of the linear model a sentence counts as high or as concern (log-odds). Chosen so that it adds at
most one false alarm of high severity in a thousand ordinary messages."""

_FIRST = (
    Category.MEDICAL_EMERGENCY,
    Category.SELF_HARM,
    Category.EXPLOITATION_OF_MINORS,
    Category.VIOLENCE_TO_OTHERS,
    Category.ABUSE_SUFFERED,
    Category.EATING_DISORDER,
    Category.HARASSMENT,
    Category.FINANCIAL_DESPERATION,
)
"""Which category speaks where two are equally severe."""


class Screen:
    """Compiled once from a policy (PolicyError where a phrase cannot be read); then pure and safe to share."""

    def __init__(self, policy: Policy) -> None:
        self._policies = {category: policy.risk[category] for category in _FIRST if category in policy.risk}
        self._half_lives = {category: float(seconds(risk.half_life)) for category, risk in self._policies.items()}
        self._rules = Rules(self._policies.values())
        self._likeness = likeness()

    def screen(self, text: str, history: RiskHistory, now: Seconds) -> tuple[Verdict, RiskHistory]:
        """What ``text`` (any string) says of danger, and the history with it. ``now`` in seconds.

        A conversation counts as more severe than its last message only when that message adds to it.
        """
        words = tokens(text)
        findings = (*self._rules.findings(words), *_alike(self._likeness, words))
        added = {category: _amount(findings, category) for category in {finding.category for finding in findings}}
        after = risen(history, added, now, self._half_lives)
        verdicts = [self._verdict(category, findings, after, now) for category in added]
        return max(verdicts, key=_order, default=Verdict(Severity.NONE)), after

    def _verdict(self, category: Category, findings: Iterable[Finding], history: RiskHistory, now: Seconds) -> Verdict:
        top = max(
            (finding for finding in findings if finding.category is category),
            key=lambda finding: (finding.severity.rank, finding.score, finding.subject is Subject.SELF),
        )
        score = score_at(history, category, now, self._half_lives[category])
        reached = built_up(self._policies[category], score)
        severity = max(top.severity, reached, key=lambda one: one.rank)
        return Verdict(severity, category, top.rule, top.subject, score, built_up=reached is not Severity.NONE)


def _alike(model: Likeness, words: list[str]) -> Iterator[Finding]:
    """What the linear model finds: its most alarming piece, and that there are several."""
    scores = sorted(model.scores(words), reverse=True)
    if not scores or scores[0] < _CONCERN:
        return
    severity = Severity.HIGH if scores[0] >= _HIGH else Severity.CONCERN
    said = min(3, sum(score >= _CONCERN for score in scores))
    subject = Subject.OTHER if FIRST_PERSON.isdisjoint(words) and not OTHERS.isdisjoint(words) else Subject.SELF
    weight = 3.0 if severity is Severity.HIGH else 0.5 + 0.7 * said
    yield Finding(Category.SELF_HARM, "likeness", severity, subject, weight)


def _amount(findings: Iterable[Finding], category: Category) -> float:
    """What one message adds: its weightiest finding, and every sign of concern beside it."""
    found = sorted((finding for finding in findings if finding.category is category), key=lambda one: -one.score)
    return found[0].score + sum(one.score for one in found[1:] if one.severity is Severity.CONCERN)


def built_up(policy: RiskPolicy, score: float) -> Severity:
    """The severity that an accumulated ``score`` amounts to by the policy's ``escalate_at``."""
    reached = (severity for severity, threshold in policy.escalate_at.items() if score >= threshold)
    return max(reached, key=lambda severity: severity.rank, default=Severity.NONE)


def _order(verdict: Verdict) -> tuple[int, int]:
    place = -1 if verdict.category is None else -_FIRST.index(verdict.category)
    return verdict.severity.rank, place


def screen_safely(
    screen: Screen, text: str, history: RiskHistory, now: Seconds
) -> tuple[Verdict | Unscreened, RiskHistory]:
    """As :meth:`Screen.screen`, but a fault of any kind is an outcome, so that the caller takes the safe branch."""
    try:
        return screen.screen(text, history, now)
    except Exception as fault:  # noqa: BLE001 - a fault in the screen must lead to the safe branch, never to silence
        problem = f"expected a verdict of the screen, it failed with {type(fault).__name__}: reload the policy"
        return Unscreened(problem), history
