"""What refuses a start is said before the rules, the longest part of it, are compiled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.assembly.application import application
from bot.assembly.rulebook import Rulebook
from bot.clock import ManualClock
from bot.errors import PolicyError, SettingsError
from bot.settings import Settings
from bot.severity import Category
from bot.telemetry.logs import silent
from tests.support.policies import shipped


def unreadable() -> Rulebook:
    """A rulebook that cannot be compiled."""
    policy = shipped()
    risk = policy.risk[Category.SELF_HARM]
    rule = risk.rules[0].model_copy(update={"phrases": ("(an open bracket",)})
    broken = policy.model_copy(update={"risk": {Category.SELF_HARM: risk.model_copy(update={"rules": (rule,)})}})
    return Rulebook.serving(Settings(), lambda: broken, model_reads=False)


async def test_a_wrong_key_is_said_first(tmp_path: Path) -> None:
    settings = replace(Settings(), state=tmp_path, key="too short")
    with pytest.raises(SettingsError, match="RAISE_KEY"):
        async with application(settings, [], clock=ManualClock(), telemetry=silent(), rulebook=unreadable()):
            pass


async def test_then_what_cannot_be_compiled_is() -> None:
    with pytest.raises(PolicyError, match="an open bracket"):
        async with application(Settings(), [], clock=ManualClock(), telemetry=silent(), rulebook=unreadable()):
            pass
