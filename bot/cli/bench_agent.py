"""``raise-bot bench agent``: ways of asking on simulated users."""

from __future__ import annotations

import argparse

from bot.assembly.models import embedder
from bot.cli.bench_options import add_options, show, shown, worlds_of
from bot.errors import InputError
from bot.evaluation.bench_agent import bench_agent
from bot.settings import load

_COLUMNS = ("strategy", "limit", "questions", "score", "ci95", "oracle_share", "worlds")


def configure(parser: argparse.ArgumentParser) -> None:
    add_options(parser, 400)
    parser.add_argument(
        "--decline", type=float, default=0.0, metavar="SHARE", help="share of answers withheld, 0 to 1 (0)"
    )


def run(args: argparse.Namespace) -> int:
    if not 0 <= args.decline <= 1:
        raise InputError(f"expected --decline from 0 to 1, got {args.decline}")
    with shown() as progress:
        rows = bench_agent(worlds_of(args), args.seed, args.decline, embedder(load()), progress)
    show([row.json() for row in rows], _COLUMNS, "Score by questions asked", as_json=args.json)
    return 0
