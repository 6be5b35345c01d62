"""``raise-bot policy history`` and ``rollback``: which policies served, and an earlier one put back."""

from __future__ import annotations

import argparse
import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import InputError

if TYPE_CHECKING:
    from bot.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", nargs="?", help="rollback: the id of a policy that served, or its beginning")
    parser.add_argument("--policies", type=Path, metavar="DIR", help="the folder to put it back into")
    parser.add_argument("--state", type=Path, metavar="DIR", help="where the bot keeps things (else RAISE_STATE)")
    parser.add_argument("--by", metavar="NAME", help="rollback: who does this; it is kept")
    parser.add_argument("--json", action="store_true", help="JSON instead of text")


def run(args: argparse.Namespace) -> int:
    from bot.settings import load

    settings = load(policies=args.policies, state=args.state)
    if args.action == "rollback":
        if not args.id or not args.by:
            raise InputError("expected the id of a policy (policy history lists them) and --by NAME")
        return asyncio.run(_rollback(settings, args.id, args.by))
    return asyncio.run(_history(settings, as_json=args.json))


async def _history(settings: Settings, *, as_json: bool) -> int:
    from bot.assembly.decisions import kept_snapshots

    async with kept_snapshots(settings) as snapshots:
        served = await snapshots.history(1_000)
    if as_json:
        print(json.dumps([{"policy": each.policy_id, "at": each.at, "by": each.by} for each in served], indent=2))
        return 0
    for each in served:
        print(f"{each.policy_id}  {datetime.fromtimestamp(each.at, UTC):%Y-%m-%d %H:%M:%S} UTC  {each.by}")
    return 0


async def _rollback(settings: Settings, wanted: str, by: str) -> int:
    from bot.assembly.decisions import kept_snapshots
    from bot.clock import SystemClock
    from bot.policy.folder import find_folder
    from bot.policy.snapshots import Served, put_back

    folder = find_folder(settings.policies)
    async with kept_snapshots(settings) as snapshots:
        known = {each.policy_id for each in await snapshots.history(100_000)}
        found = sorted(each for each in known if each.startswith(wanted))
        files = await snapshots.files(found[0]) if len(found) == 1 else None
        if files is None:
            raise InputError(f"expected the id of one policy that served, got {wanted!r}, which fits {len(found)}")
        policy = put_back(folder, found[0], files)
        await snapshots.note(Served(policy.id, SystemClock().now(), f"rollback by {by}"), files)
    print(f"{folder} holds {policy.id} again; a running bot serves it within seconds")
    return 0
