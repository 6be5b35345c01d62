"""The targets of redaction on labelled text that nobody here wrote (RAISE_DATA).

A span is found when one of the same kind overlaps it: how much of an address is one label differs from row to row.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot.telemetry.redaction import Kind, Patterns, Span

DATA = Path(os.environ.get("RAISE_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no labelled data in {DATA}; set RAISE_DATA"),
]
CLAIMED = {kind.value for kind in Kind}


def test_recall_and_precision_on_the_kinds_that_are_claimed() -> None:
    found = expected = right = given = 0
    for row in rows("redact_presidio"):
        spans = Patterns().find(row["text"])
        labelled = [Span(start, end, Kind(kind)) for start, end, kind in row["spans"] if kind in CLAIMED]
        expected, given = expected + len(labelled), given + len(spans)
        found += sum(any(same(label, span) for span in spans) for label in labelled)
        right += sum(any(same(label, span) for label in labelled) for span in spans)
    assert found / expected >= 0.90
    assert right / given >= 0.92


@pytest.mark.parametrize("name", ["chat_clinc", "chat_banking77"])
def test_ordinary_messages_are_left_as_they_are(name: str) -> None:
    texts = [row["text"] for row in rows(name)]
    touched = sum(bool(Patterns().find(text)) for text in texts)
    assert touched / len(texts) < 0.005


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def same(one: Span, other: Span) -> bool:
    return one.kind is other.kind and one.start < other.end and other.start < one.end
