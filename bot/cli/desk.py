"""``raise-bot desk``: the moderators' desk in a browser, and the accounts of those who may use it."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from pathlib import Path

from bot.assembly.desk import account_book, link_book, serve
from bot.cli.serving import served
from bot.clock import SystemClock
from bot.errors import InputError
from bot.identity import Person
from bot.private import Private
from bot.review.accounts import good_password, new_moderator
from bot.review.moderators import Moderator, Role
from bot.settings import Settings, load


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", metavar="ADDRESS", help="where to listen (127.0.0.1)")
    parser.add_argument("--port", type=int, metavar="N", help="the port (8081); 0 takes a free one")
    parser.add_argument("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    parser.add_argument("--state", type=Path, metavar="DIR", help="the bot's state folder (else RAISE_STATE)")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="accounts (without one, the desk is served)")
    add = actions.add_parser("add-user", help="make an account or change it; asks for the password")
    add.add_argument("name")
    add.add_argument("--role", choices=[*Role], required=True)
    add.add_argument(
        "--workspace", action="append", default=[], metavar="P:W", help="such as slack:T1; several times; default: all"
    )
    remove = actions.add_parser("remove-user", help="take an account away; its lines in the trail stay")
    remove.add_argument("name")
    actions.add_parser("users", help="list the accounts, and who they are in chat")
    link = actions.add_parser("link", help="let somebody in Slack or Discord act as an account, with the cards there")
    link.add_argument("name")
    unlink = actions.add_parser("unlink", help="end that")
    for each in (link, unlink):
        each.add_argument("who", metavar="P:W:USER", help="such as slack:T1:U1, or discord:SERVER:USER")
    for each in actions.choices.values():
        # Not over what was said before the action.
        each.add_argument("--state", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="as above")


def run(args: argparse.Namespace) -> int:
    settings = load(policies=args.policies, state=args.state, host=args.host, desk_port=args.port)
    match args.action:
        case "add-user":
            return _add(settings, new_moderator(args.name, args.role, args.workspace))
        case "remove-user":
            return asyncio.run(_remove(settings, args.name))
        case "link":
            return asyncio.run(_link(settings, args.name, Person.parse(args.who)))
        case "unlink":
            return asyncio.run(_unlink(settings, Person.parse(args.who)))
        case "users":
            return asyncio.run(_list(settings))
        case _:
            return served(serve, settings, "The desk is at {url}  (Ctrl+C stops it)")


def _add(settings: Settings, moderator: Moderator) -> int:
    password = good_password(_asked(), moderator.name)
    return asyncio.run(_save(settings, moderator, password))


def _asked() -> Private[str]:
    """From the terminal, twice and unseen; else the first line of standard input."""
    if not sys.stdin.isatty():
        return Private(sys.stdin.readline().rstrip("\r\n"))
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise InputError("expected the same password twice, got two different ones: nothing was changed")
    return Private(password)


async def _save(settings: Settings, moderator: Moderator, password: Private[str]) -> int:
    clock = SystemClock()
    async with account_book(settings, clock) as book:
        new = await book.save(moderator, password, clock.now())
    workspaces = ", ".join(sorted(moderator.workspaces)).replace("*", "all workspaces")
    print(f"{moderator.name} {'may' if new else 'was changed and may'} log in as {moderator.role} of {workspaces}.")
    return 0


async def _remove(settings: Settings, name: str) -> int:
    async with account_book(settings, SystemClock()) as book:
        if await book.remove(name):
            print(f"{name} can no longer log in.")
            return 0
    print(f"raise-bot: there is no account {name[:40]!r}: `raise-bot desk users` lists them", file=sys.stderr)
    return 1


async def _link(settings: Settings, name: str, who: Person) -> int:
    async with link_book(settings, SystemClock()) as book:
        if await book.link(who, name):
            print(f"{who} may press the buttons of cards as {name}.")
            return 0
    print(f"raise-bot: there is no account {name[:40]!r}: `raise-bot desk users` lists them", file=sys.stderr)
    return 1


async def _unlink(settings: Settings, who: Person) -> int:
    async with link_book(settings, SystemClock()) as book:
        if await book.unlink(who):
            print(f"{who} may no longer press the buttons of cards.")
            return 0
    print(f"raise-bot: {who} was not linked: `raise-bot desk users` lists who is", file=sys.stderr)
    return 1


async def _list(settings: Settings) -> int:
    async with link_book(settings, SystemClock()) as book:
        linked = await book.linked()
    async with account_book(settings, SystemClock()) as accounts:
        for each in await accounts.everybody():
            chat = ", ".join(str(who) for who, name in linked if name == each.name)
            workspaces = ", ".join(sorted(each.workspaces)).replace("*", "all")
            print(f"{each.name}  {each.role}  {workspaces}" + (f"  in chat: {chat}" if chat else ""))
    return 0
