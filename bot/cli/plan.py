"""``raise-bot plan``: find out offline which questions are worth asking about queries of a file."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from bot.assembly.planning import Ground, Models, Planning, models_of, planning
from bot.cli.paying import bar, check, check_price, end_as_by_ctrl_c, ended, model_options, paying_options
from bot.cli.plan_report import Report, estimate_line, flaw_lines, manifest, write_out
from bot.cli.whole import write_manifest
from bot.errors import InputError
from bot.llm.prices import PRICES
from bot.raise_core.planner.estimate import Estimate, estimated
from bot.raise_core.planner.job import Outcome, Recipe
from bot.raise_core.planner.queries import PlanUnit, Sheet, units_of
from bot.raise_core.planner.strategies import STRATEGIES
from bot.settings import Settings, load

_EPILOG: Final = """
The file: CSV, JSON (a list), JSON lines or Parquet with the columns query, scenario (or domain) and, where known,
values of attributes; id and source are passed over. A query without values is planned for people drawn for it, one with
values for that person. Each judgement is two calls: an answer written with the set, and its assessment. Everything paid
for is recorded first, so the same command run again goes on where it stopped and pays for nothing twice. Ctrl-C waits
for the calls under way. What is planned shows in raise-bot paths, and raise-bot run learns from it.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--queries", type=Path, required=True, metavar="FILE", help="queries to plan: .csv, .json, .jsonl, .parquet")
    add("--strategy", choices=STRATEGIES, default="lattice", help="how sets are chosen (lattice)")
    add("--k", type=int, default=3, metavar="N", help="most attributes in a set (3)")
    add("--budget", type=int, default=40, metavar="N", help="judged sets per query, over all its profiles (40)")
    add("--profiles", type=int, default=3, metavar="N", help="people drawn for a query that names none (3)")
    add("--out", type=Path, metavar="FILE", help="also write the plans as JSON lines; the manifest goes beside them")
    add("--seed", type=int, default=0, metavar="N", help="seed of people and strategies (0)")
    model_options(parser, "writes answers and ranks")
    paying_options(parser)
    parser.epilog = _EPILOG


def run(args: argparse.Namespace) -> int:
    check(args, {"k": 1, "budget": 1, "profiles": 1})
    return ended(_run(args))


async def _run(args: argparse.Namespace) -> int:
    settings = load(state=args.state, policies=args.policies)
    ground = Ground(settings)
    sheet = ground.sheet(args.queries)
    for line in flaw_lines(args.queries, sheet):
        print(line, file=sys.stderr)
    units = units_of(sheet.rows, args.budget, args.profiles, args.seed, ground.bucket)
    if not units:
        raise InputError(f"{args.queries}: there is no query that can be planned")
    async with models_of(settings, args.model, args.judge) as models:
        guess = estimated(units, args.k, models.names, ground.prompt, ground.labels, PRICES)
        print(estimate_line(sheet, units, guess, models.names), file=sys.stderr)
        check_price(args, guess.most, models.names)
        asked = Asked(args, settings, ground, sheet, units, guess, _recipe(args, ground, models))
        if not args.dry_run:
            return await _plan(asked, models)
        if args.json:
            print(json.dumps({"recipe": asdict(asked.recipe), "plans": len(units), "estimate": asdict(guess)}))
        return 1 if sheet.flaws else 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done, read and checked."""

    args: argparse.Namespace
    settings: Settings
    ground: Ground
    sheet: Sheet
    units: Sequence[PlanUnit]
    guess: Estimate
    recipe: Recipe


def _recipe(args: argparse.Namespace, ground: Ground, models: Models) -> Recipe:
    return Recipe(
        strategy=args.strategy,
        k=args.k,
        budget=args.budget,
        profiles=args.profiles,
        seed=args.seed,
        model=models.keys[0],
        judge=models.keys[1],
        policy=ground.policy.id,
        embedder=ground.embedder.name,
    )


async def _plan(asked: Asked, models: Models) -> int:
    end_as_by_ctrl_c()
    began, args = time.monotonic(), asked.args
    async with planning(
        asked.settings,
        asked.ground,
        asked.recipe,
        models,
        asked.units,
        concurrency=args.concurrency,
        max_usd=args.max_usd,
        dearest=asked.guess.dearest,
    ) as work:
        await _say_others(work, asked.ground.embedder.name)
        try:
            with bar("planning", len(asked.units), work) as moved:
                await work.job.run(lambda outcome: moved(outcome.planned + outcome.before + outcome.unscorable))
        finally:
            await work.settle()
            report = Report(asked.recipe, args.queries, asked.sheet, len(asked.units), work, time.monotonic() - began)
            print(report.line(), file=sys.stderr)
            told = manifest(report)
            await _keep(asked, work, told)
    if args.json:
        print(json.dumps(told, ensure_ascii=False))
    return _code(asked.sheet, work.job.outcome)


async def _keep(asked: Asked, work: Planning, told: Mapping[str, object]) -> None:
    out, state = asked.args.out, asked.settings.state
    if out is not None:
        await write_out(out, work.store, asked.units)
        write_manifest(out.with_name(f"{out.name}.manifest.json"), told)
    elif state is not None:
        write_manifest(state / "plans" / f"{asked.recipe.id}.manifest.json", told)


async def _say_others(work: Planning, own: str) -> None:
    others = sum(count for name, count in (await work.store.counts()).items() if name != own)
    if others:
        print(
            f"{others} planned queries were embedded by another model than {own} and teach nothing here: "
            "renew their vectors with raise-bot paths reembed",
            file=sys.stderr,
        )


def _code(sheet: Sheet, outcome: Outcome) -> int:
    """A stop at --max-usd is what was asked for; anything else that is missing is a problem."""
    missing = outcome.unscorable or (outcome.left and not outcome.spent)
    return 1 if sheet.flaws or missing else 0
