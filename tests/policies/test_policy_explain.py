"""``policy explain``: the numbers are those that decided, and what it says would change a decision does change it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from adapters.stores.sql.audit import SqlAudit
from adapters.stores.sql.database import SqlDatabase
from bot.assembly.explaining import Explanation, explain_message
from bot.assembly.keys import DATABASE
from bot.cli.main import main
from bot.conversation.alternatives import Alternative
from bot.conversation.audit import Decided
from bot.conversation.replay import ASK, CRISIS, Came, Replay
from bot.identity import DIRECT, ConversationKey, Person
from bot.policy.schema import Policy
from bot.profile.attributes import DOMAINS
from bot.severity import Category, Severity
from tests.support.policies import rulebook, shipped

ANN = Person("slack", "T1", "ann")
RENT = "I can't pay my rent this month and the debts keep growing"


def explained(text: str) -> Explanation:
    return explain_message(rulebook(model_reads=False).current(), text, ANN, DIRECT, "en-US")


def messages() -> list[str]:
    return [text for domain in shipped().domains.values() for text in domain.routing.exemplars[:12]]


def with_value(policy: Policy, key: str, value: float) -> Policy:
    """``policy`` with one number of a domain or of the defaults changed, as an operator would write it."""
    first, *rest = key.split(".")
    if first in DOMAINS:
        domain = policy.domains[first]
        _, attribute, name = rest
        own = domain.attributes[attribute].model_copy(update={name: value})
        changed = domain.model_copy(update={"attributes": {**domain.attributes, attribute: own}})
        return policy.model_copy(update={"domains": {**policy.domains, first: changed}})
    (name,) = rest
    part = getattr(policy.defaults, first).model_copy(update={name: value})
    return policy.model_copy(update={"defaults": policy.defaults.model_copy(update={first: part})})


def moved(change: Alternative) -> float:
    return change.bound + {"above": 0.002, "below": -0.002, "at most": 0, "at least": 0}[change.word]


def test_features_on_record_lead_to_the_same_decision_again() -> None:
    policy = shipped()
    replay = Replay(policy)
    for text in messages():
        decided = explained(text).decided
        again = replay.again(decided)
        assert (again.kind, again.attribute, again.severity) == (decided.kind, decided.attribute, decided.severity)


def test_what_would_change_a_decision_does() -> None:
    policy, tried = shipped(), 0
    for text in messages():
        told = explained(text)
        for change in told.changes:
            if "attributes" not in change.key and not change.key.startswith("budget"):
                continue
            again = Replay(with_value(policy, change.key, moved(change)), policy).again(told.decided)
            wanted = change.outcome.removeprefix("asks ") if change.outcome.startswith("asks ") else None
            assert again.attribute == (None if change.outcome.startswith("asks nothing") else wanted), change.sentence
            tried += 1
    assert tried > 100


def test_the_arithmetic_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "explain", RENT, "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["decided"] == ASK
    assert told["domain"] == "financial"
    assert told["found"][0]["rule"] == "money_worry"
    best = told["candidates"][0]
    assert best["attribute"] == told["attribute"]
    assert best["net"] == pytest.approx(best["gain"] * best["chance"] - best["price"], abs=2e-3)
    assert main(["policy", "explain", RENT]) == 0
    assert "gain x chance - price" in capsys.readouterr().out


def test_a_crisis_names_its_rule_and_every_finding() -> None:
    told = explained("I am going to kill myself tonight")
    assert told.decided.kind == CRISIS
    assert told.decided.rule in {each.rule for each in told.found}
    assert told.candidates == ()


def test_a_turn_on_record_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    decided = explained(RENT).decided
    older = Decided("ask", "an-older-policy", "health", 0.9, "age", "asked age", 1, considered=(("age", 0.4),))

    async def keep() -> None:
        database = SqlDatabase(f"sqlite:///{tmp_path / DATABASE}")
        await database.open()
        audit = SqlAudit(database, 1e9)
        await audit.record("slack:T1:1", ConversationKey(ANN, DIRECT), 1.0, decided)
        await audit.record("slack:T1:2", ConversationKey(ANN, DIRECT), 2.0, older)
        await database.close()

    asyncio.run(keep())
    state = ["--state", str(tmp_path)]
    assert main(["policy", "explain", "--turn", "slack:T1:1", "--json", *state]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["attribute"] == decided.attribute
    assert told["same_policy"] is True
    assert told["changes"]
    assert main(["policy", "explain", "--turn", "slack:T1:2", *state]) == 0
    assert "not the one in the folder" in capsys.readouterr().out
    assert main(["policy", "explain", "--turn", "slack:T1:3", *state]) == 2
    assert "no decision of a turn" in capsys.readouterr().err


def test_wrong_usage_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "explain"]) == 2
    assert "expected a message in quotes, or --turn" in capsys.readouterr().err
    assert main(["policy", "explain", "hello", "--workspace", "nowhere"]) == 2
    assert "slack:T1" in capsys.readouterr().err
    assert main(["policy", "explain", "--turn", "x", "--state", str(tmp_path)]) == 2


@pytest.mark.parametrize(
    ("change", "kind", "flagged"),
    [
        ({}, CRISIS, True),
        ({"severity": Severity.CONCERN, "score": 0.1}, "answer", False),
    ],
)
def test_a_rule_made_milder_no_longer_ends_the_turn(change: dict[str, object], kind: str, flagged: bool) -> None:
    policy = shipped()
    risk = policy.risk[Category.ABUSE_SUFFERED]
    rules = tuple(rule.model_copy(update=change) if rule.id == "abuse" else rule for rule in risk.rules)
    changed = policy.model_copy(
        update={"risk": {**policy.risk, Category.ABUSE_SUFFERED: risk.model_copy(update={"rules": rules})}}
    )
    recorded = Decided(
        CRISIS, policy.id, severity=Severity.HIGH, category=Category.ABUSE_SUFFERED, rule="abuse", risk_score=0.1
    )
    again = Replay(changed, policy).again(recorded)
    assert (again.kind, again.flagged) == (kind, flagged)


def test_a_domain_or_rule_that_is_gone_decides_nothing() -> None:
    policy = shipped()
    bare = policy.model_copy(update={"domains": {}, "risk": {}})
    told = explained(RENT).decided
    assert Replay(bare, policy).again(told) == Came("answer", None, Severity.NONE, False)
