"""The dashboard and the alerts speak of figures that exist, and each alert has its line in the runbook."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.telemetry.events import Event, Telemetry
from bot.telemetry.metrics import Metrics

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
RUNBOOK = (DEPLOY / "README.md").read_text(encoding="utf-8")
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((DEPLOY / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
PANELS: list[dict[str, Any]] = json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))["panels"]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in PANELS for target in panel.get("targets", [])
]
LABELS = {"le", "instance", "job"}


def exposed() -> tuple[dict[str, set[str]], set[str]]:
    """Names of samples with their labels, and every value of the label ``event``: of a process that has seen all."""
    metrics = Metrics()
    telemetry = Telemetry(lambda event, fields: None).also(metrics.take)
    for event in Event:
        telemetry.emit(event, turn="t", platform="p", kind="k", outcome="o", model="m", calls=1, severity="high")
        telemetry.emit(event, turn="t", usd=1.0, kind="cases_open", count=1)
    samples: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            samples.setdefault(sample.name, set()).update(sample.labels)
    return samples, {event.value for event in Event}


@cache
def emitted() -> frozenset[str]:
    """Events that some line of the code tells of."""
    rooms = [*(ROOT / "bot").rglob("*.py"), *(ROOT / "adapters").rglob("*.py")]
    code = "\n".join(file.read_text(encoding="utf-8") for file in rooms if file.name not in ("metrics.py", "otel.py"))
    return frozenset(event.value for event in Event if re.search(rf"\b(?:Event|Log)\.{event.name}\b", code))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_speaks_of_figures_that_exist(expression: str) -> None:
    samples, events = exposed()
    used = set(re.findall(r"\braise_\w+", expression))
    assert used - samples.keys() == set()
    assert used or "up{" in expression
    known = LABELS.union(*(samples[name] for name in used))
    by = {label.strip() for group in re.findall(r"\bby \(([^)]*)\)", expression) for label in group.split(",")}
    selected = {label for body in re.findall(r"{([^}]*)}", expression) for label in re.findall(r"(\w+)[=!]", body)}
    assert (by | selected) - known == set()
    for operator, value in re.findall(r'event(=~?)"([^"]*)"', expression):
        found = [event for event in events if (re.fullmatch(value, event) if operator == "=~" else event == value)]
        assert set(found) & emitted(), f"nothing ever emits {value}"


def test_labels_of_outcomes_are_those_that_turns_end_with() -> None:
    ends = {"ended", "failed", "cancelled", "postponed", "broke"}
    named = {
        value
        for expr in EXPRESSIONS
        for each in re.findall(r'turns_total{outcome=~"([^"]*)"', expr)
        for value in each.split("|")
    }
    assert named
    assert named <= ends


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_has_its_line_in_the_runbook(rule: dict[str, Any]) -> None:
    file, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert file == "deploy/README.md"
    (line,) = [line for line in RUNBOOK.splitlines() if f'<a id="{anchor}"></a>`{rule["alert"]}`' in line]
    _, name, means, do, _ = line.split("|")
    assert all(part.strip() for part in (name, means, do))
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"]


def test_no_line_of_the_runbook_is_about_an_alert_that_is_gone() -> None:
    assert sorted(re.findall(r"</a>`(\w+)`", RUNBOOK)) == sorted(rule["alert"] for rule in RULES)


def test_panels_have_titles_and_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        assert panel["title"]
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        assert at["x"] + at["w"] <= 24
        taken |= cells
