"""What ``bench planner`` and ``bench agent`` share: worlds, seed, progress, and how rows are shown."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress as Bar
from rich.table import Table

from bot.errors import InputError
from bot.evaluation.bench import Progress
from bot.evaluation.generator import generate
from bot.evaluation.worlds import World, load_worlds

Row = Mapping[str, object]


def add_options(parser: argparse.ArgumentParser, count: int) -> None:
    parser.add_argument("--worlds", type=Path, metavar="FILE", help="JSON list of worlds; made here if left out")
    parser.add_argument("--count", type=int, default=count, metavar="N", help=f"how many worlds to make ({count})")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of worlds, judges and users (0)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")


def worlds_of(args: argparse.Namespace) -> tuple[World, ...]:
    """The worlds of the file, or made ones. Raises InputError."""
    if args.seed < 0:
        raise InputError(f"expected --seed from 0 on, got {args.seed}")
    if args.count < 2:
        raise InputError(f"expected --count of at least 2 worlds, got {args.count}")
    return load_worlds(args.worlds) if args.worlds else generate(args.count, args.seed)


@contextmanager
def shown() -> Iterator[Progress]:
    """A progress bar on stderr where it is a terminal; nothing elsewhere."""
    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda what, done, of: bar.update(task, description=what, completed=done, total=max(of, 1))


def show(rows: Sequence[Row], columns: Sequence[str], title: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"rows": [_rounded(row) for row in rows]}))
        return
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(_told(row.get(column)) for column in columns))
    Console().print(table)


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, Mapping):
        return {key: _rounded(part) for key, part in value.items()}
    return value


def _told(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    return "-" if value is None else str(value)
