"""The shipped rules against their own exemplars, and against sentences written apart from them."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from bot.policy.schema import RiskPolicy, RiskRule
from bot.risk.normalise import tokens
from bot.risk.rules import Rules
from bot.risk.screen import Screen
from bot.risk.verdicts import RiskHistory, Verdict
from bot.severity import Severity
from tests.support.people import NOW
from tests.support.policies import shipped


class Group(NamedTuple):
    at_least: Severity
    at_most: Severity
    category: str | None
    subject: str | None
    share: float
    texts: tuple[str, ...]


def groups() -> list[Group]:
    file = Path(__file__).with_name("risk_sentences.yaml")
    return [
        Group(
            Severity(group.get("at_least", "none")),
            Severity(group.get("at_most", "imminent")),
            group.get("category"),
            group.get("subject"),
            group.get("share", 1.0),
            tuple(group["texts"]),
        )
        for group in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]


RULES = [(policy, rule) for policy in shipped().risk.values() for rule in policy.rules]
NAMED = [f"{policy.category}.{rule.id}" for policy, rule in RULES]


@cache
def screen() -> Screen:
    return Screen(shipped())


def verdict(text: str) -> Verdict:
    return screen().screen(text, RiskHistory(), NOW)[0]


@pytest.mark.parametrize(("policy", "rule"), RULES, ids=NAMED)
def test_a_rule_catches_its_exemplars_and_leaves_its_counter_exemplars(policy: RiskPolicy, rule: RiskRule) -> None:
    compiled = Rules([policy.model_copy(update={"rules": (rule,)})])

    def found(text: str) -> bool:
        return any(finding.severity is rule.severity for finding in compiled.findings(tokens(text)))

    assert [text for text in rule.exemplars if not found(text)] == []
    if rule.severity is not Severity.CONCERN:
        assert [text for text in rule.counter_exemplars if found(text)] == []


@pytest.mark.parametrize(("policy", "rule"), RULES, ids=NAMED)
def test_the_whole_screen_agrees_with_the_exemplars(policy: RiskPolicy, rule: RiskRule) -> None:
    missed = [text for text in rule.exemplars if verdict(text).severity.rank < rule.severity.rank]
    alarmed = [text for text in rule.counter_exemplars if verdict(text).severity.rank >= Severity.HIGH.rank]
    assert (missed, alarmed) == ([], [])


def test_there_are_enough_sentences_over_every_category() -> None:
    assert sum(len(group.texts) for group in groups()) >= 150


@pytest.mark.parametrize("group", groups(), ids=lambda group: f"{group.at_least}-{group.at_most}-{group.category}")
def test_sentences_are_told_apart(group: Group) -> None:
    def wrong(text: str) -> bool:
        found = verdict(text)
        return not (
            group.at_least.rank <= found.severity.rank <= group.at_most.rank
            and group.category in (None, found.category)
            and group.subject in (None, found.subject)
        )

    missed = [text for text in group.texts if wrong(text)]
    assert len(missed) <= (1 - group.share) * len(group.texts), missed


def test_ordinary_talk_of_the_domains_seldom_alarms() -> None:
    policy = shipped()
    talk = [text for domain in policy.domains.values() for text in domain.routing.exemplars]
    alarms = [text for text in talk if verdict(text).severity.rank >= Severity.HIGH.rank]
    assert len(talk) > 100
    assert len(alarms) <= 0.02 * len(talk), alarms
