"""``raise-bot penguin run``: have a model answer scenarios in several modes, and another one judge."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from pathlib import Path
from typing import Final

from bot.assembly.benchmarking import CORE, DEPLOYED, Bench, Wanted, bench, dataset
from bot.assembly.planning import Ground
from bot.cli.penguin_progress import bar, estimate_line, file_lines, finished, manifest, outcome_line, refuse_another
from bot.cli.plan import end_as_by_ctrl_c
from bot.errors import InputError, SettingsError
from bot.evaluation.penguin.dataset import DataSet, chosen
from bot.evaluation.penguin.estimate import Estimate
from bot.evaluation.penguin.modes import parse_modes
from bot.evaluation.penguin.results import Record, write_json
from bot.settings import Settings, load

MODES: Final = "context-free,context-rich,raise,static,random,static@raise,random@raise"
DEPLOYED_MODES: Final = "context-free,raise"
_TERMINATED: Final = 128 + signal.SIGTERM
_EPILOG: Final = """
Modes: context-free and context-rich as in the paper; raise asks as the policy and what is planned say; static and
random ask three questions. raise@N, static@N and random@N ask N questions; static@raise and random@raise as many as
raise puts to the same person; only:ATTRIBUTE gives one attribute, and attributes stands for all ten of these. The same
command run again goes on where it stopped and pays for nothing twice; with other data, models or options it is refused.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="FILE", help="scenarios: .csv, .json, .jsonl, .parquet")
    add("--modes", metavar="LIST", help=f"ways of getting to know people ({MODES}; deployed: {DEPLOYED_MODES})")
    add("--target", choices=(CORE, DEPLOYED), default=CORE, help="the core alone, or the whole bot over HTTP (core)")
    add("--model", metavar="NAME", help="writes answers, as RAISE_PROVIDER (its first, if left out)")
    add("--judge", metavar="NAME", help="judges, likewise (the same as --model)")
    add("--second-judge", metavar="NAME", help="judges the checked scenarios too, to see how far two agree")
    add("--check", type=float, default=0.1, metavar="SHARE", help="share of scenarios to check the judge with (0.1)")
    add("--repeats", type=int, default=1, metavar="N", help="judgements of every answer (1)")
    add("--decline", type=float, default=0.1, metavar="SHARE", help="share of questions people decline (0.1)")
    add("--sample", type=int, metavar="N", help="only N scenarios, evenly over domains and groups")
    add("--seed", type=int, default=0, metavar="N", help="seed of samples, people and random orders (0)")
    add("--concurrency", type=int, default=16, metavar="N", help="calls at once; fewer while a server asks for it (16)")
    add("--max-usd", type=float, metavar="USD", help="stop cleanly before this run has cost more")
    add("--out", type=Path, metavar="DIR", help="folder of the run (else penguin/NAME-OF-FILE in the state folder)")
    add("--dry-run", action="store_true", help="check the file and estimate the cost; call nobody")
    add("--state", type=Path, metavar="DIR", help="the bot's folder (else RAISE_STATE)")
    add("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    add("--json", action="store_true", help="the manifest on standard output")
    parser.epilog = _EPILOG


def run(args: argparse.Namespace) -> int:
    wanted = _wanted(args)
    try:
        return asyncio.run(_run(args, wanted))
    except asyncio.CancelledError:
        return _TERMINATED


def _wanted(args: argparse.Namespace) -> Wanted:
    for name, least in (("repeats", 1), ("concurrency", 1), ("sample", 1)):
        value = getattr(args, name)
        if value is not None and value < least:
            raise InputError(f"expected --{name} from {least}, got {value}")
    for name in ("check", "decline"):
        if not 0 <= getattr(args, name) <= 1:
            raise InputError(f"expected --{name} from 0 to 1, got {getattr(args, name):g}")
    if args.max_usd is not None and not args.max_usd > 0:
        raise InputError(f"expected --max-usd above 0, got {args.max_usd:g}")
    return Wanted(
        data=args.data,
        modes=parse_modes(args.modes or (MODES if args.target == CORE else DEPLOYED_MODES)),
        target=args.target,
        model=args.model,
        judge=args.judge,
        second=args.second_judge,
        repeats=args.repeats,
        share=args.check,
        decline=args.decline,
        seed=args.seed,
        concurrency=args.concurrency,
        max_usd=args.max_usd,
    )


async def _run(args: argparse.Namespace, wanted: Wanted) -> int:
    settings = load(state=args.state, policies=args.policies)
    ground = Ground(settings)
    data = dataset(ground, args.data)
    for line in file_lines(args.data, data):
        print(line, file=sys.stderr)
    scenarios = data.scenarios if args.sample is None else chosen(data.scenarios, args.sample, args.seed)
    async with bench(settings, ground, wanted, scenarios, data.fingerprint) as opened:
        guess = opened.estimate()
        print(estimate_line(opened, guess), file=sys.stderr)
        if args.max_usd is not None and guess.most is None:
            raise SettingsError((f"--max-usd: no price is known for {' or '.join(opened.models.names)}",))
        if args.dry_run:
            return 1 if data.flaws else 0
        return await _measure(args, _folder(args, settings), opened, data, guess)


def _folder(args: argparse.Namespace, settings: Settings) -> Path:
    if args.out is not None:
        return Path(args.out)
    if settings.state is None:
        raise SettingsError(("expected --out DIR or --state DIR: the run has to be kept somewhere",))
    return settings.state / "penguin" / Path(args.data).stem


async def _measure(args: argparse.Namespace, folder: Path, opened: Bench, data: DataSet, guess: Estimate) -> int:
    before = refuse_another(folder, opened.recipe)
    end_as_by_ctrl_c()
    began, record = time.monotonic(), Record(folder / "results.jsonl")
    done = record.open()
    # Before the first call, so that a run that is killed can be told from another one.
    write_json(folder / "manifest.json", manifest(opened, data, args.data, before, None, 0.0))
    try:
        async with opened.running(record, guess.dearest) as work:
            try:
                with bar(work, done) as moved:
                    await work.job.run(done, moved)
            finally:
                await work.settle()
                told = manifest(opened, data, args.data, before, work, time.monotonic() - began)
                write_json(folder / "manifest.json", told)
                print(f"{outcome_line(work)}; kept in {folder}", file=sys.stderr)
    finally:
        record.close()
    if args.json:
        print(json.dumps(told, ensure_ascii=False))
    return finished(data, work.job.outcome)
