"""``raise-bot bench``: measure on this machine, with the parts that serve people. Never part of the test suite."""

from __future__ import annotations

import argparse
import importlib
from typing import Final

MEASURES: Final[dict[str, tuple[str, str]]] = {
    "turns": ("bot.cli.bench_turns", "CPU per turn, durable turns per second, time to the first effect"),
    "planner": ("bot.cli.bench_planner", "planning strategies on simulated worlds: regret by judge calls"),
    "agent": ("bot.cli.bench_agent", "ways of asking on simulated users: score by questions"),
}
"""Sub-command -> its module (``configure`` and ``run``, as for every command) and its line in the help."""


def configure(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="measure", metavar="MEASURE", required=True)
    for name, (module, line) in MEASURES.items():
        command = commands.add_parser(name, help=line, description=line)
        importlib.import_module(module).configure(command)


def run(args: argparse.Namespace) -> int:
    code: int = importlib.import_module(MEASURES[args.measure][0]).run(args)
    return code
