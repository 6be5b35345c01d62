"""The table of deploy/capacity.md follows from its figures, and a simulated peak behaves as it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from bot.llm.prices import PRICES
from tests.support import capacity
from tests.support.capacity import CONNECTIONS, PEOPLE, needs, waits, with_table

TEXT = capacity.TEXT.read_text(encoding="utf-8")
BENCH = capacity.TEXT.parent / "bench/BENCH.json"
MEASURED, ASSUMED, MODEL = capacity.figures(TEXT)
STEPS = [needs(people, MEASURED, ASSUMED, MODEL) for people in PEOPLE]
HOUR = 3600.0


def test_every_line_of_the_table_follows_from_the_figures() -> None:
    assert len(re.findall(r"^\| [\d,]+ \|", TEXT, re.MULTILINE)) == len(PEOPLE)
    assert with_table(TEXT) == TEXT


def test_the_figures_are_those_of_the_run_that_stands_beside_them() -> None:
    if not BENCH.exists():
        pytest.skip("no run of make bench is kept in deploy/bench")
    found = capacity.measured(json.loads(BENCH.read_text(encoding="utf-8")))
    assert found is not None
    assert found == {name: MEASURED[name] for name in found}


def test_a_run_is_written_into_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts: dict[str, dict[str, list[dict[str, object]]]] = {}
    for number, (part, what, _) in enumerate(capacity.MEASURED.values()):
        parts.setdefault(part, {"figures": []})["figures"].append({"what": what, "value": 40.25 + number})
    run = {"date": "2026-12-01", "quick": False, "machine": {"cores": 8}, "parts": parts}
    bench, text = tmp_path / "BENCH.json", tmp_path / "capacity.md"
    text.write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(capacity, "TEXT", text)
    bench.write_text(json.dumps(run), encoding="utf-8")
    assert "reckons with these figures" in capacity.renewed(bench)
    said, assumed, model = capacity.figures(text.read_text(encoding="utf-8"))
    assert (said["turns_per_replica"], said["redis_kilobytes"], said["connections_per_replica"]) == (40, 44, 20)
    assert (assumed, model) == (ASSUMED, MODEL)
    assert "8 cores" in text.read_text(encoding="utf-8")
    bench.write_text(json.dumps({**run, "parts": {}}), encoding="utf-8")
    assert "stays as it is" in capacity.renewed(bench)


def test_from_one_workspace_to_ten_million() -> None:
    assert [each.people for each in STEPS] == sorted(PEOPLE)
    assert (STEPS[0].people, STEPS[-1].people) == (100, 10_000_000)
    assert MODEL in PRICES


def test_what_is_said_to_break_first_is_what_the_figures_say() -> None:
    by_people = {each.people: each for each in STEPS}
    assert by_people[1_000].replicas == 1
    assert by_people[10_000].peak < MEASURED["turns_per_replica"], "two replicas for safety, not for speed"
    assert by_people[100_000].connections < CONNECTIONS, "PostgreSQL's default is enough there"
    crowded = by_people[1_000_000].connections >= CONNECTIONS
    assert ("max_connections" in capacity.first_to_break(by_people[1_000_000])) is crowded
    assert by_people[10_000_000].connections > CONNECTIONS, "there it never is"


def test_a_replica_at_half_its_load_makes_nobody_wait() -> None:
    rate = MEASURED["turns_per_replica"]
    half = np.quantile(waits(ASSUMED["full_at"], rate, HOUR, seed=1), 0.95)
    nearly_full = np.quantile(waits(0.95, rate, HOUR, seed=1), 0.95)
    assert half < 5 / rate, "the time of five turns"
    assert nearly_full > 10 * half


def test_above_its_capacity_the_queue_grows_for_as_long_as_the_peak_lasts() -> None:
    rate = MEASURED["turns_per_replica"]
    over = waits(1.1, rate, 600, seed=2)
    quarters = [float(part.mean()) for part in np.array_split(over, 4)]
    assert quarters == sorted(quarters)
    assert quarters[-1] > 2 * quarters[0]


def test_when_one_of_the_replicas_dies_the_others_carry_its_load() -> None:
    for each in STEPS:
        if each.replicas > 1:
            assert each.peak <= (each.replicas - 1) * MEASURED["turns_per_replica"]
