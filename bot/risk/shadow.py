"""Rules on trial: they read every message beside the live ones, and are only counted."""

from __future__ import annotations

from bot.policy.schema import Policy, RiskPolicy, RuleStatus
from bot.risk.normalise import tokens
from bot.risk.rules import Finding, Rules


def with_status(risk: RiskPolicy, status: RuleStatus) -> RiskPolicy:
    """The category with the rules of this status only."""
    rules = tuple(rule for rule in risk.rules if rule.status is status)
    return risk if len(rules) == len(risk.rules) else risk.model_copy(update={"rules": rules})


class Shadow:
    """The shadow rules of a policy, compiled once (PolicyError where a phrase cannot be read); pure."""

    def __init__(self, policy: Policy) -> None:
        shadows = [with_status(risk, RuleStatus.SHADOW) for risk in policy.risk.values()]
        self._rules = Rules(risk for risk in shadows if risk.rules)
        self._any = any(risk.rules for risk in shadows)

    def findings(self, text: str) -> tuple[Finding, ...]:
        """What they would have found. A fault in them finds nothing: they must never be felt."""
        if not self._any:
            return ()
        try:
            return self._rules.findings(tokens(text))
        except Exception:  # noqa: BLE001 - a rule on trial may fail in any way, and nobody may notice
            return ()
