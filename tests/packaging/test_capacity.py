"""The table of deploy/capacity.md follows from its figures, and a simulated peak behaves as it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from bot.llm.prices import PRICES
from tests.support.capacity import BREAKS, needs, row, waits

TEXT = (Path(__file__).resolve().parents[2] / "deploy" / "capacity.md").read_text(encoding="utf-8")
_BLOCK = re.search(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
assert _BLOCK is not None
FIGURES: dict[str, Any] = yaml.safe_load(_BLOCK[1])
MEASURED, ASSUMED = FIGURES["measured"], {**FIGURES["assumed"]}
MODEL = ASSUMED.pop("model")
STEPS = [needs(people, MEASURED, ASSUMED, MODEL) for people in BREAKS]
HOUR = 3600.0


def test_every_line_of_the_table_follows_from_the_figures() -> None:
    assert [line for line in TEXT.splitlines() if re.match(r"\| [\d,]+ \|", line)] == [row(each) for each in STEPS]


def test_from_one_workspace_to_ten_million() -> None:
    assert [each.people for each in STEPS] == sorted(BREAKS)
    assert (STEPS[0].people, STEPS[-1].people) == (100, 10_000_000)
    assert MODEL in PRICES


def test_what_is_said_to_break_first_is_what_the_figures_say() -> None:
    by_people = {each.people: each for each in STEPS}
    assert by_people[1_000].replicas == 1
    assert by_people[10_000].peak < MEASURED["turns_per_replica"], "two replicas for safety, not for speed"
    assert by_people[100_000].connections < 100 <= by_people[1_000_000].connections, "PostgreSQL's default"
    assert by_people[10_000_000].connections > 500, "more than one primary likes to hold"


def test_a_replica_at_half_its_load_makes_nobody_wait() -> None:
    rate = MEASURED["turns_per_replica"]
    half = np.quantile(waits(ASSUMED["full_at"], rate, HOUR, seed=1), 0.95)
    nearly_full = np.quantile(waits(0.95, rate, HOUR, seed=1), 0.95)
    assert half < 0.2
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
