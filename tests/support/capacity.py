"""The arithmetic of deploy/capacity.md, and a small simulation of one replica at its peak."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.llm.prices import PRICES

DAY_HOURS = 24
BREAKS: Mapping[int, str] = {
    100: "a restart is an outage of seconds: nothing is lost, people wait. One process, one folder",
    1_000: "still one process: the model's price shows before anything else. Watch `RaiseBotSpend`",
    10_000: "one machine that dies takes the bot along: PostgreSQL, Redis, two replicas",
    100_000: "the model provider's limit of tokens a minute: ask for more, put a second provider behind it",
    1_000_000: "PostgreSQL's default of 100 connections: raise `max_connections`, or a pooler in session mode",
    10_000_000: "one PostgreSQL primary, by commits and connections: a deployment of its own for each group of "
    "workspaces. Nothing crosses workspaces, so nothing else changes",
}
"""People -> what breaks first there. Where a figure decides, the test checks it."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a number of people needs; sizes in gigabytes."""

    people: int
    turns_a_day: float
    peak: float
    replicas: int
    connections: int
    database: float
    redis: float
    dollars: float


def needs(people: int, measured: Mapping[str, float], assumed: Mapping[str, float], model: str) -> Needs:
    turns = people * assumed["active_per_day"] * assumed["turns_per_active"]
    peak = turns * assumed["busiest_hour"] * assumed["burst"] / 3600
    least = 2 if people >= 10_000 else 1
    replicas = max(least, math.ceil(peak / (measured["turns_per_replica"] * assumed["full_at"])))
    price = PRICES[model]
    a_call = (assumed["input_tokens"] * price.input + assumed["output_tokens"] * price.output) / 1e6
    return Needs(
        people=people,
        turns_a_day=turns,
        peak=peak,
        replicas=replicas,
        connections=replicas * int(measured["connections_per_replica"]),
        database=people * measured["database_kilobytes"] / 1e6,
        redis=people * measured["redis_kilobytes"] / 1e6,
        dollars=turns * assumed["answers_per_turn"] * a_call,
    )


def row(found: Needs) -> str:
    """One line of the table."""
    one_process = found.replicas == 1
    cells = (
        f"{found.people:,}",
        f"{found.peak:.2f}" if found.peak < 10 else f"{found.peak:.0f}",
        str(found.replicas),
        "SQLite" if one_process else str(found.connections),
        _size(found.database),
        "in the process" if one_process else _size(found.redis),
        f"{found.dollars:,.0f}" if found.dollars >= 10 else f"{found.dollars:.2f}",
        BREAKS[found.people],
    )
    return f"| {' | '.join(cells)} |"


def _size(gigabytes: float) -> str:
    return f"{gigabytes:.1f} GB" if gigabytes >= 1 else f"{gigabytes * 1000:.0f} MB"


def waits(load: float, per_second: float, seconds: float, seed: int) -> np.ndarray:
    """Seconds that each turn waits for its place on one replica: arrivals at random, at ``load`` of what it can do;
    service times of the mean ``1 / per_second`` and as uneven as an exponential's (Lindley's recursion)."""
    rng = np.random.default_rng(seed)
    count = int(load * per_second * seconds)
    between = rng.exponential(1 / (load * per_second), count)
    service = rng.exponential(1 / per_second, count)
    waited = np.zeros(count)
    for turn in range(1, count):
        waited[turn] = max(0.0, waited[turn - 1] + service[turn - 1] - between[turn])
    return waited


def renewed(bench: Path) -> str:
    return ""
