"""What raise-bot costs and carries on this machine, measured against local servers: ``make bench``.

``python -m tests.support.bench [--only NAME]... [--quick] [--minutes N | --hour] [--out DIR]``. Each part is a module
of this folder with one function, ``measure``, run as a process of its own so that its memory is its own. ``runner``
runs them and keeps what the others found when one fails; ``report`` writes BENCH.json, BENCH.md and the pictures. Never
part of the test suite, save that the suite runs the cheapest part to see that the form holds.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.support import capacity
from tests.support.bench import report
from tests.support.bench.figures import Scale
from tests.support.bench.parts import PARTS
from tests.support.bench.runner import ROOT, Run, run

MEASURED = ROOT / "deploy/bench"
"""Where a whole run goes."""


def main() -> int:
    options = _options()
    scale = Scale(options.quick, 60.0 if options.hour else options.minutes)
    whole = not options.quick and not options.only
    folder = options.out or (MEASURED if whole else ROOT / "state/bench")
    console = Console(stderr=True)
    done = _shown(options.only or tuple(PARTS), scale, console)
    report.write(done, folder)
    Console().print(_table(done))
    for each in done.outcomes:
        if each.problem:
            console.print(f"{each.name} was not measured: {each.problem}", markup=False)
    console.print(f"All figures: {_near(folder / 'BENCH.md')}", markup=False)
    if whole and options.out is None:
        console.print(capacity.renewed(folder / "BENCH.json"), markup=False)
    return 1 if any(each.problem for each in done.outcomes) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure turns, latency, memory and load here.")
    parser.add_argument("--only", action="append", choices=PARTS, metavar="NAME", help=f"one of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="only show that the parts work")
    parser.add_argument("--minutes", type=float, default=Scale().minutes, help="of load for the part about memory (2)")
    parser.add_argument("--hour", action="store_true", help="load for an hour, compared with minute ten")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the figures go (deploy/bench for a whole run)")
    return parser.parse_args()


def _shown(names: tuple[str, ...], scale: Scale, console: Console) -> Run:
    """Run with a bar that tells what is measured and how long is left; one line a part where there is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TextColumn("{task.fields[left]}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task, said = bar.add_task("", total=1.0, left=""), [""]

        def tell(title: str, done: float, after: float) -> None:
            left = f"about {_minutes(after)} left"
            bar.update(task, description=title, completed=done, total=done + after, left=left)
            if not console.is_terminal and said[-1] != title:
                console.print(f"{title} ({left})", markup=False)
                said.append(title)

        return run(names, scale, tell)


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def _table(done: Run) -> Table:
    table = Table("part", "what", "figure", "promised", "", title="What was promised", title_justify="left")
    for outcome, figure in report.promises(done):
        told = f"{report.number(figure.value)} {figure.unit}"
        table.add_row(outcome.name, figure.what, told, report.promise(figure), "met" if figure.met else "[bold]missed")
    return table


def _near(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


if __name__ == "__main__":
    sys.exit(main())
