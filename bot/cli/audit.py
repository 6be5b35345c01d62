"""``raise-bot audit``: check the record of who saw, revealed and decided what, or print it."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import Final

from bot.errors import InputError, SettingsError
from bot.settings import Settings, load

_PIECE: Final = 1_000


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, title="actions")
    verify = actions.add_parser("verify", help="check that no line was changed, added or taken out")
    verify.add_argument("--since", metavar="NUMBER:DIGEST", help="a head printed earlier: it must still be part of it")
    listing = actions.add_parser("list", help="print the lines")
    listing.add_argument("--after", type=int, default=0, metavar="N", help="only lines after this number")
    for each in (verify, listing):
        each.add_argument("--state", type=Path, metavar="DIR", help="where the bot keeps things (else RAISE_STATE)")
        each.add_argument("--json", action="store_true", help="JSON instead of text")


def run(args: argparse.Namespace) -> int:
    settings = load(state=args.state)
    if settings.state is None and not settings.database_url:
        raise SettingsError(("--state: expected the folder in which the bot keeps things, or RAISE_DATABASE_URL",))
    if args.action == "verify":
        return asyncio.run(_verify(settings, args.since, as_json=args.json))
    return asyncio.run(_list(settings, args.after, as_json=args.json))


async def _verify(settings: Settings, since: str | None, *, as_json: bool) -> int:
    from bot.assembly import stores
    from bot.clock import SystemClock
    from bot.review.trail import Broken, Head

    async with stores.opened(settings, SystemClock()) as opened:
        outcome = await opened.review.trail.verify(None if since is None else Head.parse(since))
    if isinstance(outcome, Broken):
        said = {"whole": False, "line": outcome.number, "problem": outcome.problem}
        print(json.dumps(said) if as_json else f"broken at line {outcome.number}: {outcome.problem}")
        return 1
    if as_json:
        print(json.dumps({"whole": True, "lines": outcome.number, "head": str(outcome)}))
    else:
        print(f"{outcome.number} lines, whole. Write the head down to check against it later (--since):\n{outcome}")
    return 0


async def _list(settings: Settings, after: int, *, as_json: bool) -> int:
    from bot.assembly import stores
    from bot.cli.review_shapes import entry_json, when
    from bot.clock import SystemClock

    if after < 0:
        raise InputError(f"expected a number of a line from 0, got {after}")
    async with stores.opened(settings, SystemClock()) as opened:
        while entries := await opened.review.trail.since(after, _PIECE):
            for entry in entries:
                event = entry.event
                details = " ".join(f"{name}={value}" for name, value in event.details.items())
                text = f"{entry.number} {when(event.at)} {event.by} {event.action} {entry.case_id} {details}"
                print(json.dumps(entry_json(entry)) if as_json else text.rstrip())
            after = entries[-1].number
    return 0
