"""``raise-bot penguin report``: what came of runs, as one HTML file and Markdown."""

from __future__ import annotations

import argparse
from pathlib import Path

from bot.errors import InputError
from bot.evaluation.penguin.html import html
from bot.evaluation.penguin.markdown import markdown
from bot.evaluation.penguin.report import TITLE, report
from bot.evaluation.penguin.runs import read_run


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "runs", type=Path, nargs="+", metavar="DIR", help="folders of raise-bot penguin run; several stand side by side"
    )
    add("--html", type=Path, metavar="FILE", help="one page with pictures and tables, nothing from elsewhere")
    add("--markdown", type=Path, metavar="FILE", help="the tables as Markdown (standard output, if neither is given)")


def run(args: argparse.Namespace) -> int:
    blocks = list(report([read_run(folder) for folder in args.runs]))
    if args.html is not None:
        write(args.html, html(TITLE, blocks))
    if args.markdown is not None:
        write(args.markdown, markdown(blocks))
    elif args.html is None:
        print(markdown(blocks), end="")
    return 0


def write(path: Path, text: str) -> None:
    """Raises InputError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise InputError(f"{path}: cannot be written: {problem.strerror}") from None
