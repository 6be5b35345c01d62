"""The examples that risk rules carry with them: what a rule must catch, and what must be left alone."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Final

from bot.assembly.rehearsal import Mismatch, Outcome
from bot.policy.document import parse
from bot.policy.folder import INDEX
from bot.policy.schema import Policy, RiskPolicy, RuleStatus
from bot.risk.screen import Screen
from bot.risk.verdicts import RiskHistory
from bot.severity import Severity

_ANY_MOMENT: Final = 0.0


def examine(folder: Path, policy: Policy) -> tuple[Outcome, ...]:
    """One outcome for each risk rule of ``policy`` (loaded from ``folder``): the whole screen must find each exemplar
    at least as severe as the rule says, and no counter-exemplar may bring crisis resources."""
    screen = Screen(all_live(policy))
    by_category = {Path(name).stem: name for name in policy.index.risk}
    outcomes: list[Outcome] = []
    for risk in policy.risk.values():
        name = by_category.get(risk.category, INDEX)
        document = parse((folder / name).read_text(encoding="utf-8"), name)
        for number, rule in enumerate(risk.rules):
            if rule.status is RuleStatus.DRAFT:
                continue
            began = perf_counter()
            found = [
                Mismatch(*document.at("rules", number, key, place), place + 1, "severity", wanted, actual, text)
                for key, place, text, wanted, actual in _wrong(screen, risk, number)
            ]
            title = f"{risk.category}.{rule.id} keeps to its examples"
            line, _ = document.at("rules", number)
            outcomes.append(Outcome(name, line, title, tuple(found), perf_counter() - began))
    return tuple(outcomes)


def all_live(policy: Policy) -> Policy:
    """With rules on trial as if they decided already: their examples are tested before they do. Drafts are not."""
    risk = {
        category: each.model_copy(
            update={
                "rules": tuple(
                    rule.model_copy(update={"status": RuleStatus.LIVE}) if rule.status is RuleStatus.SHADOW else rule
                    for rule in each.rules
                )
            }
        )
        for category, each in policy.risk.items()
    }
    return policy.model_copy(update={"risk": risk})


def _wrong(screen: Screen, risk: RiskPolicy, number: int) -> list[tuple[str, int, str, str, str]]:
    rule, wrong = risk.rules[number], []
    for place, text in enumerate(rule.exemplars):
        severity = screen.screen(text, RiskHistory(), _ANY_MOMENT)[0].severity
        if severity.rank < rule.severity.rank:
            wrong.append(("exemplars", place, text, f"{rule.severity} or more", str(severity)))
    for place, text in enumerate(rule.counter_exemplars):
        severity = screen.screen(text, RiskHistory(), _ANY_MOMENT)[0].severity
        if severity.rank >= Severity.HIGH.rank:
            wrong.append(("counter_exemplars", place, text, "concern or less", str(severity)))
    return wrong
