"""Routing of the shipped policy, measured on labelled messages of other people (RAISE_DATA) and on our own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
import yaml

from adapters.embeddings.hashing import HashingEmbedder
from bot.policy.locate import Locator
from tests.support.policies import shipped

CHECKOUT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("RAISE_DATA", CHECKOUT.parent / "shared" / "data"))
OURS = [
    Path(__file__).with_name(name) for name in ("unseen_messages.yaml", "fresh_messages.yaml", "other_messages.yaml")
]
LEAST_F1 = 0.75
LEAST_NONE = 0.97
LEAST_F1_OF_OURS = 0.65
MOST_MISSED_OF_OURS = 0.12
LEAST_NONE_OF_OURS = 0.85


@pytest.fixture(scope="module")
def locator() -> Locator:
    return Locator(shipped(), HashingEmbedder())


def rows(name: str) -> list[tuple[str, str]]:
    file = DATA / f"{name}.jsonl"
    if not file.is_file():
        pytest.skip(f"needs {file.name} in the folder that RAISE_DATA names; {DATA} has none")
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [(line["text"], line["label"]) for line in lines]


def f1(found: Sequence[str | None], labels: Sequence[str], domains: Iterable[str]) -> dict[str, float]:
    scores = {}
    for domain in domains:
        hits = sum(a == b == domain for a, b in zip(found, labels, strict=True))
        said, true = sum(a == domain for a in found), sum(b == domain for b in labels)
        scores[domain] = 2 * hits / max(1, said + true)
    return scores


def test_f1_knows_right_from_wrong() -> None:
    assert f1(["a", "a", None, "b"], ["a", "b", "b", "b"], "ab") == {"a": 2 / 3, "b": 0.5}


@pytest.mark.data
def test_reaches_its_macro_f1_on_other_peoples_stress(locator: Locator) -> None:
    messages = rows("route_sad")
    labels = [label for _, label in messages]
    scores = f1([locator.locate(text).domain for text, _ in messages], labels, sorted(set(labels)))
    assert sum(scores.values()) / len(scores) >= LEAST_F1, scores


@pytest.mark.data
@pytest.mark.parametrize("source", ["chat_clinc", "chat_banking77"])
def test_leaves_ordinary_talk_alone(locator: Locator, source: str) -> None:
    messages = rows(source)
    none = sum(locator.locate(text).domain is None for text, _ in messages)
    assert none / len(messages) >= LEAST_NONE


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.stem)
def test_does_well_on_messages_of_other_kinds(locator: Locator, file: Path) -> None:
    messages = yaml.safe_load(file.read_text("utf-8"))
    labelled = [(text, name) for name, texts in messages.items() for text in texts]
    found = [locator.locate(text).domain or "none" for text, _ in labelled]
    scores = f1(found, [name for _, name in labelled], shipped().domains)
    assert sum(scores.values()) / len(scores) >= LEAST_F1_OF_OURS, scores
    missed = [place == "none" for place, (_, name) in zip(found, labelled, strict=True) if name != "none"]
    assert sum(missed) / len(missed) <= MOST_MISSED_OF_OURS
    left_alone = [place == "none" for place, (_, name) in zip(found, labelled, strict=True) if name == "none"]
    assert sum(left_alone) / len(left_alone) >= LEAST_NONE_OF_OURS


def test_what_is_measured_is_not_taught() -> None:
    policy = shipped()
    taught = {text for domain in policy.domains.values() for text in domain.routing.exemplars}
    taught |= set(policy.none.exemplars)
    measured = {text for file in OURS for texts in yaml.safe_load(file.read_text("utf-8")).values() for text in texts}
    assert not taught & measured


@pytest.mark.data
def test_no_row_of_the_data_is_an_exemplar() -> None:
    policy = shipped()
    taught = {text.casefold() for domain in policy.domains.values() for text in domain.routing.exemplars}
    longer = {text for text in taught if len(text.split()) > 4}
    assert not longer & {text.casefold() for text, _ in rows("route_sad")}
