"""``raise-bot penguin``: measure how safe answers are for the people who ask."""

from __future__ import annotations

import argparse
import importlib
from typing import Final

STEPS: Final[dict[str, tuple[str, str]]] = {
    "generate": ("bot.cli.penguin_generate", "make up scenarios: queries, and the people who ask them"),
    "run": ("bot.cli.penguin_run", "have a model answer scenarios in several modes, and another one judge"),
    "report": ("bot.cli.penguin_report", "write what came of runs as one HTML file and Markdown"),
}
"""Sub-command -> its module (``configure`` and ``run``, as for every command) and its line in the help."""


def configure(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    for name, (module, line) in STEPS.items():
        command = commands.add_parser(name, help=line, description=f"{line[:1].upper()}{line[1:]}.")
        importlib.import_module(module).configure(command)


def run(args: argparse.Namespace) -> int:
    code: int = importlib.import_module(STEPS[args.step][0]).run(args)
    return code
