"""How well redaction does on labelled text, counted in three ways: ``python -m tests.support.redaction_figures DIR``.

``DIR`` holds ``redact_presidio.jsonl`` and ``chat_clinc.jsonl``. A label is found by overlap when a span of its kind
touches it; exactly, when the ends are the same. The labels divide one address into several (street, flat, town), where
a moderator's view hides it as one: so characters are counted as well.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.telemetry.redaction import Kind, Patterns, Redactor, Span

CLAIMED = {kind.value for kind in Kind}


@dataclass(frozen=True)
class Share:
    """Recall and precision, each from 0 to 1."""

    recall: float
    precision: float


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def figures(file: Path, redactor: Redactor) -> dict[str, Share]:
    """By ``overlap``, ``exact`` and ``characters``, over the kinds that are claimed."""
    wanted = given = 0
    found = {"overlap": [0, 0], "exact": [0, 0]}
    characters = [0, 0, 0]
    for row in rows(file):
        spans = redactor.find(row["text"])
        labels = [Span(start, end, Kind(kind)) for start, end, kind in row["spans"] if kind in CLAIMED]
        wanted, given = wanted + len(labels), given + len(spans)
        for name, same in (("overlap", touches), ("exact", Span.__eq__)):
            found[name][0] += sum(any(same(label, span) for span in spans) for label in labels)
            found[name][1] += sum(any(same(label, span) for label in labels) for span in spans)
        theirs, ours = places(labels), places(spans)
        for index, part in enumerate((theirs & ours, theirs, ours)):
            characters[index] += len(part)
    shares = {name: Share(right / wanted, ours / given) for name, (right, ours) in found.items()}
    return {**shares, "characters": Share(characters[0] / characters[1], characters[0] / characters[2])}


def touched(file: Path, redactor: Redactor) -> float:
    """The share of messages in which anything at all is hidden."""
    texts = [row["text"] for row in rows(file)]
    return sum(bool(redactor.find(text)) for text in texts) / len(texts)


def touches(one: Span, other: Span) -> bool:
    return one.kind is other.kind and one.start < other.end and other.start < one.end


def places(spans: list[Span] | tuple[Span, ...]) -> set[int]:
    return {place for span in spans for place in range(span.start, span.end)}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name, share in figures(folder / "redact_presidio.jsonl", Patterns()).items():
        print(f"{name:<11} recall {share.recall:.3f}  precision {share.precision:.3f}")
    print(f"ordinary messages touched: {touched(folder / 'chat_clinc.jsonl', Patterns()):.2%}")
