"""``raise-bot chat``: talk to the bot in the terminal, or by JSON lines."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from bot.assembly.terminal import chat, chat_by_lines
from bot.settings import load


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="read and write one JSON object a line")
    parser.add_argument("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    parser.add_argument("--state", type=Path, metavar="DIR", help="where things are kept; without it, nothing is")
    parser.add_argument("--provider", metavar="NAME", help="offline, anthropic, openai or scripted:FILE")
    parser.add_argument("--clock", choices=("system", "manual"), default="system", help="manual: time moves on request")


def run(args: argparse.Namespace) -> int:
    settings = load(policies=args.policies, state=args.state, provider=args.provider)
    lines = sys.stdin.buffer
    if args.json:
        asyncio.run(chat_by_lines(settings, lines, sys.stdout, manual_clock=args.clock == "manual"))
    else:
        asyncio.run(chat(settings, lines))
    return 0
