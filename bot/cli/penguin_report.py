"""``raise-bot penguin report``: what came of runs, as one HTML file and Markdown."""

from __future__ import annotations

import argparse
from pathlib import Path

from bot.errors import InputError
from bot.evaluation.penguin.markdown import report
from bot.evaluation.penguin.runs import read_run


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "runs", type=Path, nargs="+", metavar="DIR", help="folders of raise-bot penguin run; several stand side by side"
    )
    add("--markdown", type=Path, metavar="FILE", help="the tables as Markdown (standard output, if neither is given)")


def run(args: argparse.Namespace) -> int:
    runs = [read_run(folder) for folder in args.runs]
    text = report(runs)
    if args.markdown is None:
        print(text, end="")
        return 0
    write(args.markdown, text)
    return 0


def write(path: Path, text: str) -> None:
    """Raises InputError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise InputError(f"{path}: cannot be written: {problem.strerror}") from None
