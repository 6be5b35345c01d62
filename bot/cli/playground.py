"""``raise-bot playground``: the chat page on this machine, to try the bot with several people and places."""

from __future__ import annotations

import argparse
from pathlib import Path

from bot.assembly.playground import serve
from bot.cli.serving import served
from bot.settings import load


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", metavar="ADDRESS", help="where to listen (127.0.0.1)")
    parser.add_argument("--port", type=int, metavar="N", help="the port (8080); 0 takes a free one")
    parser.add_argument("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    parser.add_argument("--state", type=Path, metavar="DIR", help="where things are kept; without it, nothing is")
    parser.add_argument("--provider", metavar="NAME", help="offline (default), anthropic, openai or scripted:FILE")


def run(args: argparse.Namespace) -> int:
    settings = load(
        policies=args.policies, state=args.state, provider=args.provider, host=args.host, http_port=args.port
    )
    return served(serve, settings, "raise-bot is at {url}  (Ctrl+C stops it)")
