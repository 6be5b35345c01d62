"""``raise-bot penguin generate``: make up scenarios."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bot.assembly.benchmarking import written_queries
from bot.assembly.planning import Ground
from bot.errors import InputError
from bot.evaluation.penguin.dataset import write_dataset
from bot.evaluation.penguin.generator import generate
from bot.evaluation.penguin.leaks import leaks
from bot.evaluation.penguin.writer import Written
from bot.settings import Settings, load

_EPILOG = """
Without --model queries come from templates and cost nothing. With one, each situation is put into words by the model,
which is never told who asks; calls are recorded in the state folder, so that the same command pays once. People are
drawn along the paper's dependency graph either way.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--out", type=Path, required=True, metavar="FILE", help="where to: .csv, .json, .jsonl, .parquet")
    add("--count", type=int, default=1400, metavar="N", help="how many scenarios (1400)")
    add("--seed", type=int, default=0, metavar="N", help="the same seed, the same scenarios (0)")
    add("--model", metavar="NAME", help="writes the queries, as RAISE_PROVIDER; templates if left out")
    add("--concurrency", type=int, default=16, metavar="N", help="calls at once (16)")
    add("--max-usd", type=float, metavar="USD", help="stop before the model has cost more")
    add("--state", type=Path, metavar="DIR", help="the bot's folder (else RAISE_STATE), with --model")
    add("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    add("--json", action="store_true", help="the figures as one JSON object")
    parser.epilog = _EPILOG


def run(args: argparse.Namespace) -> int:
    if args.count < 1 or args.concurrency < 1:
        raise InputError(f"expected --count and --concurrency from 1, got {args.count} and {args.concurrency}")
    settings = load(state=args.state, policies=args.policies)
    ground = Ground(settings)
    made = _from_templates(args, ground) if args.model is None else asyncio.run(_by_model(args, settings, ground))
    write_dataset(args.out, made.scenarios)
    figures = {
        "scenarios": len(made.scenarios),
        "left_out": dict(made.left_out),
        "domains": dict(Counter(each.domain for each in made.scenarios)),
        "groups": dict(Counter(each.group for each in made.scenarios)),
        "seed": args.seed,
    }
    if args.json:
        print(json.dumps(figures))
        return 0
    print(f"{len(made.scenarios)} scenarios written to {args.out}")
    for reason, count in made.left_out.items():
        print(f"{count} left out: {reason}", file=sys.stderr)
    return 0


def _from_templates(args: argparse.Namespace, ground: Ground) -> Written:
    made = Written()
    for each in generate(args.count, args.seed):
        if told := leaks(each.query, ground.reader):
            made.left_out[f"told {', '.join(told)}"] += 1
        else:
            made.scenarios.append(each)
    return made


async def _by_model(args: argparse.Namespace, settings: Settings, ground: Ground) -> Written:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task("writing queries", total=args.count)
        return await written_queries(
            settings,
            ground,
            args.model,
            args.count,
            args.seed,
            concurrency=args.concurrency,
            max_usd=args.max_usd,
            told=lambda done: shown.update(task, completed=done),
        )
