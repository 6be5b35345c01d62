"""Rules on trial read every message and are only counted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.assembly.application import application
from bot.assembly.stage import Notes, StagePlatform
from bot.chat import Inbound, Said
from bot.cli.main import main
from bot.clock import ManualClock
from bot.identity import DIRECT, Person
from bot.policy.schema import RuleStatus
from bot.private import Private
from bot.risk.screen import Screen
from bot.risk.shadow import Shadow
from bot.risk.verdicts import RiskHistory
from bot.settings import Settings
from bot.severity import Severity
from bot.telemetry.events import Plain, Telemetry
from tests.support.policies import reloading, shipped

POLICIES = Path(__file__).parents[2] / "policies"
RULE = """
  - id: lost_at_the_circus
    status: {status}
    severity: high
    phrases: [lost at the circus]
    exemplars: [I am lost at the circus]
    why: A rule on trial.
"""
TEXT = "I am lost at the circus"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "policies"
    shutil.copytree(POLICIES, copy)
    return copy


def with_rule(folder: Path, status: str) -> Path:
    file = folder / "risk" / "harassment.yaml"
    file.write_text(file.read_text(encoding="utf-8").rstrip("\n") + RULE.format(status=status), encoding="utf-8")
    return folder


@pytest.mark.parametrize(("status", "shown", "counted"), [("live", True, 0), ("shadow", False, 1), ("draft", False, 0)])
async def test_only_a_live_rule_is_felt(folder: Path, status: str, shown: bool, counted: int) -> None:
    notes, events = Notes(), list[tuple[str, dict[str, Plain]]]()
    telemetry = Telemetry(lambda event, fields: events.append((event, fields)))
    settings, clock = Settings(policies=with_rule(folder, status)), ManualClock()
    async with application(
        settings, [StagePlatform("web", notes)], clock=clock, telemetry=telemetry, rulebook=reloading(settings)
    ) as app:
        said = Inbound("e1", Person("web", "w", "ann"), DIRECT, Said(Private(TEXT)), clock.now(), "en")
        receipt = await app.intake.accept(said)
        await app.intake.finished(receipt.turn_id)
    assert notes.observed(receipt.turn_id).crisis is shown
    found = [fields for event, fields in events if event == "shadow_found"]
    assert len(found) == counted
    if counted:
        assert found[0]["rule"] == "lost_at_the_circus"
        assert "turn" not in found[0]


@pytest.mark.parametrize(("status", "code"), [("shadow", 0), ("draft", 0)])
def test_the_examples_of_a_rule_on_trial_are_tested(
    folder: Path, status: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with_rule(folder, status)
    assert main(["policy", "test", str(folder), "-k", "circus"]) == (code if status == "shadow" else 2)
    capsys.readouterr()


def test_a_shadow_is_no_part_of_the_screen() -> None:
    policy = shipped()
    risk = {
        category: each.model_copy(
            update={"rules": tuple(rule.model_copy(update={"status": RuleStatus.SHADOW}) for rule in each.rules)}
        )
        for category, each in policy.risk.items()
    }
    quiet = policy.model_copy(update={"risk": risk})
    text = "my husband hit me again last night"
    assert Screen(quiet).screen(text, RiskHistory(), 0.0)[0].severity is not Severity.IMMINENT
    assert any(each.rule == "abuse" for each in Shadow(quiet).findings(text))
    assert Shadow(policy).findings(text) == ()
