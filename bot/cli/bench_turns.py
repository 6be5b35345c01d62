"""``raise-bot bench turns``: what a turn costs."""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import asdict

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.assembly.measuring import TurnFigures, measure_turns


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--people", type=int, default=400, metavar="N", help="people in the core measurement (400)")
    parser.add_argument("--durable-people", type=int, default=60, metavar="N", help="people in the durable one (60)")


def run(args: argparse.Namespace) -> int:
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("measuring turns", total=1.0)
        figures = asyncio.run(
            measure_turns(args.people, args.durable_people, lambda share: bar.update(task, completed=share))
        )
    if args.json:
        print(json.dumps({name: round(value, 4) for name, value in asdict(figures).items()}))
    else:
        Console().print(_table(figures))
    return 0


def _table(figures: TurnFigures) -> Table:
    table = Table("measure", "figure", title="What a turn costs here", title_justify="left")
    table.add_row("core, CPU per turn", f"{figures.core_cpu_ms_per_turn:.2f} ms ({figures.core_turns} turns)")
    durable = f"{figures.durable_turns_per_s:.0f} per second ({figures.durable_turns} turns)"
    table.add_row("durable turns (DBOS, SQLite)", durable)
    table.add_row("to the first effect, 95th percentile", f"{figures.first_effect_ms_p95:.1f} ms")
    return table
