"""``raise-bot review``: the moderators' desk in the terminal."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Final

from bot.errors import ReviewError, SettingsError
from bot.settings import load
from bot.severity import Category, Severity

Actions = argparse._SubParsersAction  # the type of what add_subparsers gives has no public name
RULINGS: Final = ("no_risk", "watch", "contact", "escalate", "take_over")


def configure(parser: argparse.ArgumentParser) -> None:
    """One action each; those about one case take its id."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, title="actions")
    listing = _action(actions, "list", "the queue: gravest first, then by deadline")
    listing.add_argument("--states", help="open,claimed (as by default), decided, closed, or all")
    listing.add_argument("--severity", choices=list(Severity), action="append", default=[])
    listing.add_argument("--category", choices=list(Category), action="append", default=[])
    listing.add_argument("--queue", action="append", default=[], metavar="NAME")
    listing.add_argument("--mine", action="store_true", help="only cases claimed by you")
    listing.add_argument("--overdue", action="store_true", help="only cases past their deadline")
    listing.add_argument("--opinion", action="store_true", help="only cases that wait for a second opinion")
    listing.add_argument("--limit", type=int, default=50, metavar="N")
    _on_case(actions, "show", "one case: why, the last lines with identifiers hidden, notes, history")
    reveal = _on_case(actions, "reveal", "the same with identifiers; recorded")
    reveal.add_argument("--reason", required=True, help="why they are needed")
    _on_case(actions, "claim", "take a case; nobody else can until the claim runs out")
    _action(actions, "next", "claim the gravest case that nobody holds")
    _on_case(actions, "extend", "begin the time of your claim anew")
    _on_case(actions, "release", "put a case back into the queue")
    over = _on_case(actions, "handover", "give your claim to somebody else")
    over.add_argument("--to", required=True, metavar="NAME")
    decide = _on_case(actions, "decide", "decide a case you hold")
    decide.add_argument("ruling", choices=RULINGS)
    decide.add_argument("--after", metavar="TIME", help="watch: when to look again, such as 12h")
    decide.add_argument("--text", help="contact: what to write, as the bot")
    _on_case(actions, "undo", "take the latest decision back, while there is time")
    take = _on_case(actions, "takeover", "speak with the person yourself; the bot is silent until handed back")
    take.set_defaults(ruling="take_over", after=None, text=None)
    _on_case(actions, "handback", "let the bot speak again")
    contact = _on_case(actions, "contact", "write to the person as the bot; decides the case")
    contact.set_defaults(ruling="contact", after=None)
    contact.add_argument("text")
    for name, line in (
        ("message", "write to the person while you have taken over"),
        ("note", "write a note for colleagues"),
        ("opinion", "ask for a second opinion, or give one on somebody else's case"),
    ):
        _on_case(actions, name, line).add_argument("text")
    flag = _action(actions, "flag", "open a case on a person's direct messages")
    flag.add_argument("person", metavar="PLATFORM:WORKSPACE:USER")
    flag.add_argument("--severity", choices=list(Severity)[1:], default=Severity.CONCERN)
    flag.add_argument("--category", choices=list(Category))
    stats = _action(actions, "stats", "what waits, time to first look, precision per rule")
    stats.add_argument("--since", metavar="TIME", help="only cases opened in this time, such as 30d")
    _action(actions, "referrals", "crisis referrals by month and category, without anybody").add_argument(
        "--csv", action="store_true", help="as CSV"
    )


def _action(actions: Actions[argparse.ArgumentParser], name: str, line: str) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=line, description=line.capitalize() + ".")
    parser.add_argument("--state", type=Path, metavar="DIR", help="where the bot keeps things (else RAISE_STATE)")
    parser.add_argument("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--as", dest="name", metavar="NAME", help="who you are (else the user of this machine)")
    return parser


def _on_case(actions: Actions[argparse.ArgumentParser], name: str, line: str) -> argparse.ArgumentParser:
    parser = _action(actions, name, line)
    parser.add_argument("case", metavar="CASE")
    parser.add_argument(
        "--wait", type=float, default=5.0, metavar="SECONDS", help="how long to wait for a message to be delivered"
    )
    return parser


def run(args: argparse.Namespace) -> int:
    settings = load(policies=args.policies, state=args.state)
    if settings.state is None and not settings.database_url:
        raise SettingsError(("--state: expected the folder in which the bot keeps things, or RAISE_DATABASE_URL",))
    from bot.cli.review_actions import perform  # everything the desk needs, only when it is asked for

    try:
        return asyncio.run(perform(args, settings))
    except ReviewError as problem:
        if args.json:
            print(json.dumps({"error": type(problem).__name__, "problem": str(problem)}))
        print(f"raise-bot: {problem}", file=sys.stderr)
        return 1
