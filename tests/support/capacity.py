"""The arithmetic of deploy/capacity.md, and a small simulation of one replica at its peak.

``make bench`` writes its figures into the text (:func:`renewed`)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from bot.llm.prices import PRICES

DAY_HOURS = 24
CONNECTIONS = 100
"""PostgreSQL's default of ``max_connections``."""
PEOPLE = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
TEXT = Path(__file__).resolve().parents[2] / "deploy/capacity.md"
MEASURED: Mapping[str, tuple[str, str, str]] = {
    "turns_per_replica": ("replicas", "one replica, turns", "turns/s, one process on PostgreSQL and Redis, no model"),
    "cpu_ms_per_turn": ("replicas", "one replica, CPU of a turn", "the same run"),
    "replica_megabytes": ("replicas", "one replica, memory", "resident, after that run"),
    "database_kilobytes": (
        "turns-postgres",
        "database for each person",
        "after four turns, indexes and engine included",
    ),
    "redis_kilobytes": ("growth", "a profile in Redis, of 10,000", "per person, with three records"),
}
"""Figure of the text -> where ``make bench`` measures it (part, what), and what the text says of it."""


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
        first_to_break(found),
    )
    return f"| {' | '.join(cells)} |"


def first_to_break(found: Needs) -> str:
    """What breaks first with so many people, and what to do."""
    match found.people:
        case 100:
            return "a restart is an outage of seconds: nothing is lost, people wait. One process, one folder"
        case 1_000:
            return "still one process: the model's price shows before anything else. Watch `RaiseBotSpend`"
        case 10_000:
            return "one machine that dies takes the bot along: PostgreSQL, Redis, two replicas"
        case 100_000:
            return "the model provider's limit of tokens a minute: ask for more, put a second provider behind it"
        case 1_000_000 if found.connections < CONNECTIONS:
            return "the desk: 800 cases a day at one in a thousand turns. More moderators, before more computers"
    if found.connections < 5 * CONNECTIONS:
        return "PostgreSQL's default of 100 connections: raise `max_connections`, or a pooler in session mode"
    return (
        "one PostgreSQL primary, by commits and connections: a deployment of its own for each group of "
        "workspaces. Nothing crosses workspaces, so nothing else changes"
    )


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


def figures(text: str) -> tuple[dict[str, float], dict[str, float], str]:
    """What the text says was measured and is assumed, and the model it is reckoned with."""
    block = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert block is not None
    told = yaml.safe_load(block[1])
    assumed = dict(told["assumed"])
    model = assumed.pop("model")
    return told["measured"], assumed, model


def measured(bench: Mapping[str, Any]) -> dict[str, float] | None:
    """The text's figures out of a whole run (BENCH.json); None where a part of them was not measured."""
    found = {
        (part, each["what"]): each["value"] for part, told in bench["parts"].items() for each in told.get("figures", ())
    }
    if bench["quick"] or any((part, what) not in found for part, what, _ in MEASURED.values()):
        return None
    return {
        name: round(found[part, what], 1 if found[part, what] < 10 else None)
        for name, (part, what, _) in MEASURED.items()
    }


def renewed(bench: Path) -> str:
    """Write the figures of a run, and the table that follows from them, into the text; a line that says so."""
    told = json.loads(bench.read_text(encoding="utf-8"))
    found, text = measured(told), TEXT.read_text(encoding="utf-8")
    if found is None:
        return f"{TEXT.name} stays as it is: not all of its figures were measured"
    machine = told["machine"]
    block = [f"measured:                        # {told['date']}, {machine['cores']} cores, by `make bench`"]
    for name, (_, _, meaning) in MEASURED.items():
        block.append(f"  {f'{name}: {found[name]:g}':<31}# {meaning}")
    block.append(f"  {'connections_per_replica: 20':<31}# bound: 6 for stores, 12 for the engine, and room")
    text = re.sub(r"measured:.*?(?=assumed:)", "\n".join(block) + "\n", text, count=1, flags=re.DOTALL)
    TEXT.write_text(with_table(text), encoding="utf-8")
    return f"{TEXT.name} reckons with these figures now"


def with_table(text: str) -> str:
    """The text with the table that follows from its figures."""
    said, assumed, model = figures(text)
    rows = iter([row(needs(people, said, assumed, model)) for people in PEOPLE])
    return "\n".join(next(rows) if re.match(r"\| [\d,]+ \|", line) else line for line in text.split("\n"))
