"""The targets of redaction on labelled text that nobody here wrote (RAISE_DATA); ``tests.support.redaction_figures``
says how it is counted, and prints the figures.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.telemetry.redaction import Patterns
from tests.support.redaction_figures import figures, touched

DATA = Path(os.environ.get("RAISE_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no labelled data in {DATA}; set RAISE_DATA"),
]


def test_recall_and_precision_on_the_kinds_that_are_claimed() -> None:
    found = figures(DATA / "redact_presidio.jsonl", Patterns())
    assert found["overlap"].recall >= 0.90
    assert found["overlap"].precision >= 0.92
    assert found["characters"].recall >= 0.88
    assert found["characters"].precision >= 0.88
    # One address is several labels there and one span here; what was reached is held.
    assert found["exact"].recall >= 0.65
    assert found["exact"].precision >= 0.78


@pytest.mark.parametrize("name", ["chat_clinc", "chat_banking77"])
def test_ordinary_messages_are_left_as_they_are(name: str) -> None:
    assert touched(DATA / f"{name}.jsonl", Patterns()) < 0.005
