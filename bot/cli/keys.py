"""``raise-bot keys``: replace the deployment's key. Everybody's own key is wrapped anew; no text has to be touched."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

from bot.assembly.keys import FILE, added, retired
from bot.assembly.privacy import check_keys, rotate
from bot.errors import SettingsError
from bot.settings import Settings, load


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, title="actions")
    turn = actions.add_parser(
        "rotate",
        help="wrap everybody's keys with the first of the deployment's keys",
        description="Wrap everybody's keys with the first of the deployment's keys. With RAISE_KEY, set it to new,old "
        "and restart the bot before, and to the new one alone afterwards. With a key file, stop the bot: a new key is "
        "made, and the old one removed at the end. Interrupted, it goes on when called again.",
    )
    turn.add_argument("--state", type=Path, metavar="DIR", help="the bot's folder (else RAISE_STATE)")
    turn.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(args: argparse.Namespace) -> int:
    settings = load(state=args.state)
    file = None if settings.key or settings.state is None else settings.state / FILE
    if file is not None:
        _prepared(file, settings)
    elif "," not in settings.key:
        raise SettingsError(("RAISE_KEY: expected the new key and the old one, separated by a comma, to rotate",))
    count = asyncio.run(rotate(settings))
    left = 0 if file is None else retired(file)
    told = {"rewrapped": count, "retired": left}
    sys.stdout.write(f"{json.dumps(told) if args.json else _plain(settings, count)}\n")
    return 0


def _prepared(file: Path, settings: Settings) -> None:
    """Puts a new key before the old one, once that one is known to open everything. A file that has two already was
    left by a rotation that was cut off."""
    if not file.exists():
        raise SettingsError((f"{file}: expected the key file of a bot; there is none, so there is nothing to rotate",))
    asyncio.run(check_keys(settings))
    if len(file.read_text(encoding="ascii").split()) == 1:
        added(file)


def _plain(settings: Settings, count: int) -> str:
    done = f"{count} keys were wrapped anew."
    return f"{done} Set RAISE_KEY to the new key alone, and restart the bot." if settings.key else done
