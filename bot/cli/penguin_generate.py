"""``raise-bot penguin generate``: make up scenarios."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from bot.assembly.planning import Ground
from bot.evaluation.penguin.dataset import Scenario, write_dataset
from bot.evaluation.penguin.generator import generate
from bot.evaluation.penguin.leaks import leaks
from bot.settings import load


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--out", type=Path, required=True, metavar="FILE", help="where to: .csv, .json, .jsonl, .parquet")
    add("--count", type=int, default=1400, metavar="N", help="how many scenarios (1400)")
    add("--seed", type=int, default=0, metavar="N", help="the same seed, the same scenarios (0)")
    add("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    add("--json", action="store_true", help="the figures as one JSON object")


def run(args: argparse.Namespace) -> int:
    ground = Ground(load(policies=args.policies))
    made: list[Scenario] = []
    leaking: Counter[str] = Counter()
    for each in generate(args.count, args.seed):
        told = leaks(each.query, ground.reader)
        leaking.update(told)
        if not told:
            made.append(each)
    write_dataset(args.out, made)
    figures = {
        "scenarios": len(made),
        "left_out_because_they_tell": dict(leaking),
        "domains": dict(Counter(each.domain for each in made)),
        "groups": dict(Counter(each.group for each in made)),
        "seed": args.seed,
    }
    if args.json:
        print(json.dumps(figures))
    else:
        print(f"{len(made)} scenarios written to {args.out}" + (f"; left out: {dict(leaking)}" if leaking else ""))
    return 0
