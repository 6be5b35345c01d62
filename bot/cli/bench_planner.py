"""``raise-bot bench planner``: planning strategies on simulated worlds."""

from __future__ import annotations

import argparse

from bot.assembly.models import embedder
from bot.cli.bench_options import add_options, show, shown, worlds_of
from bot.errors import InputError
from bot.evaluation.bench_planner import bench_planner
from bot.profile.attributes import ATTRIBUTES
from bot.settings import load

_COLUMNS = ("strategy", "k", "budget", "judge_calls", "regret", "ci95", "worlds")


def configure(parser: argparse.ArgumentParser) -> None:
    add_options(parser, 150)
    parser.add_argument("--k", type=int, default=3, metavar="N", help="most attributes in a set (3)")
    parser.add_argument("--budgets", default="20,40,80", metavar="N,N", help="judge calls of lattice (20,40,80)")
    parser.add_argument("--pool", action="store_true", help="also with evidence pooled from 100 planned neighbours")


def run(args: argparse.Namespace) -> int:
    if not 1 <= args.k <= len(ATTRIBUTES):
        raise InputError(f"expected --k from 1 to {len(ATTRIBUTES)}, got {args.k}")
    budgets = _budgets(args.budgets)
    near = embedder(load()) if args.pool else None
    with shown() as progress:
        rows = bench_planner(worlds_of(args), args.k, budgets, args.seed, progress, near)
    show([row.json() for row in rows], _COLUMNS, "Regret against the best set", as_json=args.json)
    return 0


def _budgets(text: str) -> list[int]:
    try:
        budgets = [int(part) for part in text.split(",")]
    except ValueError:
        budgets = []
    if not budgets or min(budgets) < 1:
        raise InputError(f"expected --budgets as numbers of judge calls such as 20,40,80, got {text[:60]!r}")
    return budgets
