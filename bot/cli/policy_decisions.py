"""``raise-bot policy decisions export``: what was decided, in features only, for ``policy diff``."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bot.errors import InputError

if TYPE_CHECKING:
    from bot.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("export",), help="write them out, one JSON object a line")
    parser.add_argument("--state", type=Path, metavar="DIR", help="where the bot keeps things (else RAISE_STATE)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write there instead of printing")
    parser.add_argument("--turns", action="store_true", help="with the ids of turns, to explain single ones")


def run(args: argparse.Namespace) -> int:
    from bot.settings import load

    settings = load(state=args.state)
    if args.out is None:
        asyncio.run(_export(settings, sys.stdout, turns=args.turns))
        return 0
    try:
        with args.out.open("w", encoding="utf-8") as file:
            count = asyncio.run(_export(settings, file, turns=args.turns))
    except OSError as problem:
        raise InputError(f"expected a file to write to at {args.out}: {problem.strerror}") from problem
    print(f"{count} decisions in {args.out}")
    return 0


async def _export(settings: Settings, out: TextIO, *, turns: bool) -> int:
    from bot.assembly.decisions import recorded_decisions
    from bot.assembly.records import exported

    count = 0
    async with recorded_decisions(settings) as decisions:
        async for line in exported(decisions, turns=turns):
            out.write(f"{line}\n")
            count += 1
    return count
