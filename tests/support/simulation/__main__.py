"""``python -m tests.support.simulation``: thousands of seeds with a counter, or one with its trace.

``RAISE_SIMULATE_SEED=123`` runs that one and prints what happens; ``--seeds`` and ``--first`` choose how many, and from
which on.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.support.simulation.many import on_all_cores, simulated


def one(seed: int) -> int:
    (outcome,) = simulated([seed])
    print("\n".join(outcome.trace))
    print("\n".join(f"BROKEN {problem}" for problem in outcome.problems) or "all invariants hold")
    return 1 if outcome.problems else 0


def many(first: int, count: int, processes: int | None, traces: Path | None) -> int:
    broken, began = 0, time.monotonic()
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("seeds", total=count)
        for outcome in on_all_cores(range(first, first + count), processes):
            progress.advance(bar)
            if outcome.problems:
                broken += 1
                if traces is not None:
                    traces.mkdir(parents=True, exist_ok=True)
                    (traces / f"{outcome.seed}.txt").write_text("\n".join((*outcome.trace, *outcome.problems)))
                console.print(f"seed {outcome.seed} is broken:", *outcome.problems, sep="\n  ", highlight=False)
    print(f"{count:,} seeds, {broken} broken, {time.monotonic() - began:.0f} s")
    if broken:
        print("Replay one with: RAISE_SIMULATE_SEED=SEED make simulate")
    return 1 if broken else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int)
    parser.add_argument("--traces", type=Path, help="a folder for what happened in broken seeds")
    chosen = parser.parse_args()
    seed = os.environ.get("RAISE_SIMULATE_SEED", "")
    return one(int(seed)) if seed else many(chosen.first, chosen.seeds, chosen.processes, chosen.traces)


if __name__ == "__main__":
    sys.exit(main())
