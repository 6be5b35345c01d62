"""The deterministic screen: what a text says of danger, then what that means after what came before.

:meth:`Screen.findings` reads a text once; :meth:`Screen.judge` weighs what it found with the history of the
conversation, as often as needed. Needs no model, no store and no network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.clock import Seconds
from bot.frozen import dataclass
from bot.policy.durations import seconds
from bot.policy.schema import Policy, RiskPolicy, RuleStatus
from bot.risk.history import risen, score_at
from bot.risk.likeness import Likeness, asks, audible, likeness
from bot.risk.normalise import tokens
from bot.risk.rules import FIRST_PERSON, OTHERS, Finding, Rules
from bot.risk.senses import SENSE
from bot.risk.shadow import with_status
from bot.risk.verdicts import RiskHistory, Unscreened, Verdict
from bot.severity import Category, Severity, Subject

_EATING = frozenset(("EAT", "VOMIT", "WEIGHT", "FAST"))
_OTHER_HARM = frozenset(("DIE", "KILLSELF", "LIVE", "CUT", "BLEED", "HARM", "ROPE", "GUN", "JUMP", "HEIGHT", "MARK"))

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


_ALIKE = "likeness"
"""The name of the linear model among the rules; of two alike, what a rule found speaks before it."""

_CALM = Verdict(Severity.NONE)


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a text says of danger, in the order of the policy: categories, rules, severities, subjects, scores.
    Holds no text."""

    found: tuple[Finding, ...]


class Screen:
    """Compiled once from a policy (PolicyError where a phrase cannot be read); then pure and safe to share."""

    def __init__(self, policy: Policy) -> None:
        self._policies = {
            category: with_status(policy.risk[category], RuleStatus.LIVE)
            for category in _FIRST
            if category in policy.risk
        }
        self._half_lives = {category: float(seconds(risk.half_life)) for category, risk in self._policies.items()}
        self._rules = Rules(self._policies.values())
        self._likeness = likeness()

    def findings(self, text: str) -> Findings:
        """What ``text`` (any string) says of danger, whoever said what before."""
        return self.findings_of_each((text,))[0]

    def findings_of_each(self, texts: Sequence[str]) -> list[Findings]:
        """The same of each of these, but each step is taken for all before the next, which is much quicker."""
        said = [*map(tokens, texts)]
        by_rules = [*map(self._rules.findings, said)]
        alike = [[one for one in _alike(self._likeness, words) if one.category in self._policies] for words in said]
        return [Findings((*ruled, *like)) for ruled, like in zip(by_rules, alike, strict=True)]

    def judge(self, findings: Findings, history: RiskHistory, now: Seconds) -> tuple[Verdict, RiskHistory]:
        """What ``findings`` amount to after ``history``, and the history with them. ``now`` in seconds.

        A conversation counts as more severe than its last message only when that message adds to it.
        """
        found = findings.found
        if not found and not history.scores:
            return _CALM, history
        added = {category: _amount(found, category) for category in {finding.category for finding in found}}
        after = risen(history, added, now, self._half_lives)
        verdicts = [self._verdict(category, found, after, now) for category in added]
        return max(verdicts, key=_order, default=_CALM), after

    def screen(self, text: str, history: RiskHistory, now: Seconds) -> tuple[Verdict, RiskHistory]:
        """Both: :meth:`findings`, then :meth:`judge`."""
        return self.judge(self.findings(text), history, now)

    def _verdict(self, category: Category, findings: Iterable[Finding], history: RiskHistory, now: Seconds) -> Verdict:
        top = max(
            (finding for finding in findings if finding.category is category),
            key=lambda one: (one.severity.rank, one.rule != _ALIKE, one.score, one.subject is Subject.SELF),
        )
        score = score_at(history, category, now, self._half_lives[category])
        reached = built_up(self._policies[category], score)
        severity = max(top.severity, reached, key=lambda one: one.rank)
        return Verdict(severity, category, top.rule, top.subject, score, built_up=reached is not Severity.NONE)


def _alike(model: Likeness, words: list[str]) -> Iterator[Finding]:
    """What the linear model finds: the most alarming piece of each role, and that there are several."""
    read = [(model.score(piece), piece) for piece in audible(words)]
    if not read:
        return
    for place in (0, 1):
        concern, high = model.thresholds.concern[place], model.thresholds.high[place]
        reached = [
            (score[place], piece) for score, piece in read if score[place] >= concern and (place == 0 or asks(piece))
        ]
        if reached:
            most, piece = max(reached, key=lambda one: one[0])
            severity = Severity.HIGH if most >= high else Severity.CONCERN
            weight = 3.0 if severity is Severity.HIGH else 0.5 + 0.7 * min(3, len(reached))
            subject = _subject(words) if place == 0 else Subject.SELF
            yield Finding(_category(piece), _ALIKE, severity, subject, weight)


def _subject(words: Sequence[str]) -> Subject:
    return Subject.OTHER if FIRST_PERSON.isdisjoint(words) and not OTHERS.isdisjoint(words) else Subject.SELF


def _category(piece: Sequence[str]) -> Category:
    """Eating where it is about food and weight and nothing else that is dangerous."""
    senses = {SENSE.get(word) for word in piece}
    eating = not _EATING.isdisjoint(senses) and _OTHER_HARM.isdisjoint(senses)
    return Category.EATING_DISORDER if eating else Category.SELF_HARM


def _amount(findings: Iterable[Finding], category: Category) -> float:
    """What one message adds: its weightiest finding, and every sign of concern beside it."""
    found = sorted((finding for finding in findings if finding.category is category), key=lambda one: -one.score)
    return found[0].score + sum(one.score for one in found[1:] if one.severity is Severity.CONCERN)


def built_up(policy: RiskPolicy, score: float) -> Severity:
    """The severity that an accumulated ``score`` amounts to by the policy's ``escalate_at``."""
    reached = (severity for severity, threshold in policy.escalate_at.items() if score >= threshold)
    return max(reached, key=lambda severity: severity.rank, default=Severity.NONE)


def _order(verdict: Verdict) -> tuple[int, bool, int]:
    """The most severe first; of two alike, what a rule found before what the model only finds alike."""
    place = -1 if verdict.category is None else -_FIRST.index(verdict.category)
    return verdict.severity.rank, verdict.rule != _ALIKE, place


def screen_safely(
    screen: Screen, text: str, history: RiskHistory, now: Seconds
) -> tuple[Verdict | Unscreened, RiskHistory]:
    """As :meth:`Screen.screen`, but a fault of any kind is an outcome, so that the caller takes the safe branch."""
    return judge_safely(screen, findings_safely(screen, text), history, now)


def findings_safely(screen: Screen, text: str) -> Findings | Unscreened:
    """As :meth:`Screen.findings`, but a fault of any kind is an outcome."""
    try:
        return screen.findings(text)
    except Exception as fault:  # noqa: BLE001 - a fault in the screen must lead to the safe branch, never to silence
        return _unscreened(fault)


def findings_of_each_safely(screen: Screen, texts: Sequence[str]) -> list[Findings | Unscreened]:
    """As :meth:`Screen.findings_of_each`, but a fault of any kind is the outcome of the text that has it."""
    try:
        return [*screen.findings_of_each(texts)]
    except Exception:  # noqa: BLE001 - as above; whose fault it is shows when they are read one by one
        return [findings_safely(screen, text) for text in texts]


def judge_safely(
    screen: Screen, findings: Findings | Unscreened, history: RiskHistory, now: Seconds
) -> tuple[Verdict | Unscreened, RiskHistory]:
    """As :meth:`Screen.judge`, but a fault of any kind, here or when the text was read, is an outcome; the history
    then stays as it was."""
    if isinstance(findings, Unscreened):
        return findings, history
    try:
        return screen.judge(findings, history, now)
    except Exception as fault:  # noqa: BLE001 - a fault in the screen must lead to the safe branch, never to silence
        return _unscreened(fault), history


def _unscreened(fault: Exception) -> Unscreened:
    return Unscreened(f"expected a verdict of the screen, it failed with {type(fault).__name__}: reload the policy")
