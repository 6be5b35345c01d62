"""The command ``raise-bot``: a table of commands, each imported only when it is chosen."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Final

from bot.errors import RaiseBotError

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "playground": ("bot.cli.playground", "open the chat page on this machine and try the bot"),
    "run": ("bot.cli.run", "serve Slack and Discord, whatever is configured"),
    "desk": ("bot.cli.desk", "open the moderators' desk, and keep its accounts"),
    "chat": ("bot.cli.chat", "talk to the bot in this terminal, or by JSON lines"),
    "explain": ("bot.cli.explain", "say what the bot would do with a message, and why"),
    "plan": ("bot.cli.plan", "find out which questions are worth asking about queries of a file, with a real model"),
    "penguin": ("bot.cli.penguin", "measure how safe answers are for the people who ask, with and without background"),
    "paths": ("bot.cli.paths", "look at planned queries, move them in and out, embed them anew"),
    "policy": ("bot.cli.policy", "check policies, print their schema"),
    "privacy": ("bot.cli.privacy", "show, export or forget what is kept about a person; print the inventory"),
    "keys": ("bot.cli.keys", "replace the key that wraps everybody's keys"),
    "review": ("bot.cli.review", "look at flagged conversations and decide, in the terminal"),
    "audit": ("bot.cli.audit", "check the record of who saw, revealed and decided what"),
    "doctor": ("bot.cli.doctor", "look for what is wrong with the set-up, and say what to do"),
    "bench": ("bot.cli.bench", "measure turns, planner and agent"),
}
"""Command -> its module and its line in the help."""


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code: 0 fine, 1 problems found, 2 wrong usage or settings."""
    # The matrices here are small: threads of the linear algebra would cost more than they give.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = _parser(arguments)
    chosen = parser.parse_args(arguments)
    if chosen.command is None:
        parser.print_help()
        return 0
    module = importlib.import_module(COMMANDS[chosen.command][0])
    try:
        code: int = module.run(chosen)
    except RaiseBotError as problem:
        print(f"raise-bot: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    return code


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Only the chosen command's module is imported for its options: the help of all the others needs none."""
    parser = argparse.ArgumentParser(
        prog="raise-bot",
        description="A chat bot that knows when to ask before it answers.",
        epilog="raise-bot COMMAND --help says more about each.",
    )
    parser.add_argument("--version", action="version", version=f"raise-bot {_version()}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    chosen = next((each for each in arguments if not each.startswith("-")), None)
    for name, (module, line) in COMMANDS.items():
        command = commands.add_parser(name, help=line, description=line.capitalize() + ".")
        if name == chosen:
            importlib.import_module(module).configure(command)
    return parser


def _version() -> str:
    from importlib.metadata import version  # slow to import, and needed only here

    return version("raise-bot")


if __name__ == "__main__":
    sys.exit(main())
