"""The targets of the screen on labelled text that nobody here wrote (RAISE_DATA)."""

import json
import os
from functools import cache
from pathlib import Path

import pytest

from bot.risk.screen import Screen
from bot.risk.verdicts import RiskHistory
from bot.severity import Severity
from tests.support.policies import shipped

DATA = Path(os.environ.get("RAISE_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no labelled data in {DATA}; set RAISE_DATA"),
]


@cache
def screen() -> Screen:
    return Screen(shipped())


def alarms(name: str, label: str | None = None) -> tuple[int, int]:
    """How many rows of a file (with the label) are high or imminent, and how many rows there are."""
    lines = (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [row["text"] for row in map(json.loads, lines) if label is None or row["label"] == label]
    found = (screen().screen(text, RiskHistory(), 0.0)[0] for text in texts)
    return sum(verdict.severity.rank >= Severity.HIGH.rank for verdict in found), len(texts)


def recall() -> float:
    counts = [alarms(name, "self_harm") for name in ("screen_openai_moderation", "screen_ailuminate")]
    return sum(found for found, _ in counts) / sum(total for _, total in counts)


def test_self_harm_is_found_as_often_as_it_should_be() -> None:
    assert recall() >= 0.85


@pytest.mark.parametrize(
    ("name", "share"), [("chat_clinc", 0.003), ("chat_banking77", 0.003), ("screen_xstest_safe", 0.04)]
)
def test_ordinary_talk_does_not_alarm(name: str, share: float) -> None:
    found, total = alarms(name)
    assert found / total <= share
