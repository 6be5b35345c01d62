"""``raise-bot penguin run``: have a model answer scenarios in several modes, and another one judge."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Final

from bot.assembly.benchmarking import CORE, DEPLOYED, Bench, Wanted, bench, dataset
from bot.assembly.planning import Ground
from bot.cli.paying import bar, check, check_price, end_as_by_ctrl_c, ended, model_options, paying_options
from bot.cli.penguin_progress import estimate_line, file_lines, finished, manifest, outcome_line, refuse_another
from bot.cli.whole import write_manifest
from bot.errors import InputError, SettingsError
from bot.evaluation.penguin.dataset import DataSet, chosen
from bot.evaluation.penguin.estimate import Estimate
from bot.evaluation.penguin.modes import parse_modes
from bot.evaluation.penguin.results import Record
from bot.llm.batch_desk import Rhythm
from bot.llm.batch_journal import BatchJournal
from bot.settings import Settings, load

MODES: Final = "context-free,context-rich,raise,static,random,static@raise,random@raise"
DEPLOYED_MODES: Final = "context-free,raise"
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
    model_options(parser, "writes answers")
    add("--second-judge", metavar="NAME", help="judges the checked scenarios too, to see how far two agree")
    add("--check", type=float, default=0.1, metavar="SHARE", help="share of scenarios to check the judge with (0.1)")
    add("--repeats", type=int, default=1, metavar="N", help="judgements of every answer (1)")
    add("--decline", type=float, default=0.1, metavar="SHARE", help="share of questions people decline (0.1)")
    add("--sample", type=int, metavar="N", help="only N scenarios, evenly over domains and groups")
    add("--seed", type=int, default=0, metavar="N", help="seed of samples, people and random orders (0)")
    add("--batch", action="store_true", help="hand calls in as batches: half the price, answers within a day")
    add("--look-every", type=float, default=60.0, metavar="S", help="most seconds between looks at a batch (60)")
    add("--out", type=Path, metavar="DIR", help="folder of the run (else penguin/NAME-OF-FILE in the state folder)")
    paying_options(parser)
    parser.epilog = _EPILOG


def run(args: argparse.Namespace) -> int:
    return ended(_run(args, _wanted(args)))


def _wanted(args: argparse.Namespace) -> Wanted:
    check(args, {"repeats": 1, "sample": 1})
    for name in ("check", "decline"):
        if not 0 <= getattr(args, name) <= 1:
            raise InputError(f"expected --{name} from 0 to 1, got {getattr(args, name):g}")
    if not args.look_every > 0:
        raise InputError(f"expected --look-every above 0, got {args.look_every:g}")
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
        batch=_rhythm(args.look_every) if args.batch else None,
    )


def _rhythm(longest: float) -> Rhythm:
    usual = Rhythm()
    return Rhythm(min(usual.linger, longest), min(usual.first, longest), longest)


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
        check_price(args, guess.most, opened.models.names)
        if args.dry_run:
            return 1 if data.flaws else 0
        return await _measure(args, _folder(args, settings), opened, data, guess)


def _folder(args: argparse.Namespace, settings: Settings) -> Path:
    if args.out is not None:
        return Path(args.out)
    if settings.state is None:
        raise SettingsError(("expected --out DIR or --state DIR: the run has to be kept somewhere",))
    return settings.state / "penguin" / Path(args.data).stem


def _journal(folder: Path, wanted: Wanted) -> BatchJournal | None:
    """Where batches are kept; None without batches. Raises InputError where some may be under way and would be paid
    for once more."""
    path = folder / "batches.jsonl"
    journal = BatchJournal(path)
    if wanted.batch is not None:
        return journal
    if len(journal):
        raise InputError(
            f"{len(journal)} batches of this run were handed in and may not be collected yet: run it with --batch, or "
            f"delete {path} to pay for what they hold once more"
        )
    return None


async def _measure(args: argparse.Namespace, folder: Path, opened: Bench, data: DataSet, guess: Estimate) -> int:
    before, journal = refuse_another(folder, opened.recipe), _journal(folder, opened.wanted)
    end_as_by_ctrl_c()
    began, record = time.monotonic(), Record(folder / "results.jsonl")
    done = record.open()
    # Before the first call, so that a run that is killed can be told from another one.
    write_manifest(folder / "manifest.json", manifest(opened, data, args.data, before, None, 0.0))
    try:
        async with opened.running(record, guess.dearest, journal) as work:
            try:
                with bar("measuring", work.job.total, work) as moved:
                    await work.job.run(done, lambda outcome: moved(outcome.done + outcome.before))
                if journal is not None and not work.job.outcome.left:
                    journal.discard()
            finally:
                await work.settle()
                told = manifest(opened, data, args.data, before, work, time.monotonic() - began)
                write_manifest(folder / "manifest.json", told)
                print(f"{outcome_line(work)}; kept in {folder}", file=sys.stderr)
    finally:
        record.close()
    if args.json:
        print(json.dumps(told, ensure_ascii=False))
    return finished(data, work.job.outcome)
