"""Recorded decisions, taken once more: what a policy makes of the features that were recorded, without any text.

What depends on words (which domain a message belongs to, which rule it matches, what a reply says) stays as it was
recorded; what depends on numbers (gains, prices, limits, thresholds, severities) is decided anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.conversation.audit import ANSWER, Decided
from bot.frozen import dataclass
from bot.policy.schema import Policy
from bot.raise_core.agent.abstain import Scored, Unasked, settle
from bot.raise_core.agent.acquire import Ask, Candidate, Enough, chosen
from bot.raise_core.state import Table
from bot.risk.response import CrisisReply, Proceed, response_for
from bot.risk.screen import built_up
from bot.risk.verdicts import Verdict
from bot.severity import Severity

ASK: Final = "ask"
CRISIS: Final = "crisis"
_DECISIONS: Final = frozenset((ASK, ANSWER, CRISIS))


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a step: ``kind`` is ask, answer, crisis, or another kind that no number decides."""

    kind: str
    attribute: str | None
    severity: Severity
    flagged: bool


class Replay:
    """One policy, ready to decide from features. Pure; ``before`` is the policy the features were recorded by, so that
    what answers and evidence did to a gain then is done to the new gain too (None: the gain itself is taken over)."""

    def __init__(self, policy: Policy, before: Policy | None = None) -> None:
        self._policy = policy
        self._tables = _tables(policy)
        self._before = _tables(before) if before is not None and before is not policy else None
        self._gains: dict[tuple[str, tuple[str, ...]], tuple[Mapping[str, float], Mapping[str, float]]] = {}
        self._rules = {(category, rule.id): rule for category, risk in policy.risk.items() for rule in risk.rules}

    def again(self, decided: Decided) -> Came:
        """What would come of it under this policy."""
        verdict = self.verdict(decided)
        severity, response = verdict.severity, response_for(verdict)
        flagged = not isinstance(response, Proceed)
        if decided.kind not in _DECISIONS:
            return Came(decided.kind, decided.attribute, severity, flagged)
        if isinstance(response, CrisisReply):
            return Came(CRISIS, None, severity, True)
        if decided.kind == ASK and not decided.considered:  # of a release that did not record what was considered
            return Came(ASK, decided.attribute, severity, flagged)
        decision = self.decision(decided)
        if isinstance(decision, Ask):
            return Came(ASK, decision.attribute, severity, flagged)
        return Came(ANSWER, None, severity, flagged)

    def decision(self, decided: Decided) -> Ask | Enough | None:
        """The acquisition's choice among what was considered; None where nothing could be asked then."""
        table = self._tables.get(decided.domain or "")
        if table is None or not decided.considered:
            return None
        asked = _asked_before(decided)
        candidates = tuple(self._candidates(decided, table, asked))
        plan = chosen(candidates, table.limit, asked)
        score = Unasked() if decided.completeness is None else Scored(decided.completeness)
        return settle(plan, score, self._policy.defaults.abstention)

    def verdict(self, decided: Decided) -> Verdict:
        """The recorded finding by the rules of this policy. A rule that is gone finds nothing any more."""
        if decided.category is None:
            return Verdict(decided.severity, None, decided.rule)
        risk, rule = self._policy.risk.get(decided.category), self._rules.get((decided.category, decided.rule or ""))
        if risk is None or (rule is None and decided.rule not in _NOT_RULES):
            return _CALM
        reached = built_up(risk, decided.risk_score)
        own = rule.severity if rule is not None else decided.severity
        severity = max(own, reached, key=lambda one: one.rank)
        built = reached is not Severity.NONE
        return Verdict(severity, decided.category, decided.rule, score=decided.risk_score, built_up=built)

    def _candidates(self, decided: Decided, table: Table, asked: int) -> list[Candidate]:
        old = self._before.get(table.domain) if self._before is not None else None
        key = (table.domain, decided.known)
        if key not in self._gains:
            known = dict.fromkeys(decided.known)
            self._gains[key] = (table.gains(known), old.gains(known) if old is not None else {})
        new_gains, old_gains = self._gains[key]
        found: list[Candidate] = []
        for attribute, recorded in decided.considered:
            terms = table.terms.get(attribute)
            if terms is None:
                continue
            gain, base = recorded, old_gains.get(attribute, 0.0)
            if old is not None and base > 0:
                gain = recorded * new_gains.get(attribute, 0.0) / base
            price = table.price(attribute, asked)
            found.append(Candidate(attribute, gain, terms.chance, price, gain * terms.chance - price))
        return found


_CALM: Final = Verdict(Severity.NONE)
_NOT_RULES: Final = frozenset(("likeness", "model", "screen_failed", "person", None))
"""What decides beside the rules of a policy: it stays as recorded."""


def _asked_before(decided: Decided) -> int:
    """Questions put before this one: the record of a question counts itself."""
    return max(decided.asked - (decided.kind == ASK), 0)


def _tables(policy: Policy) -> dict[str, Table]:
    return {domain: Table.of(policy, domain) for domain in policy.domains}
