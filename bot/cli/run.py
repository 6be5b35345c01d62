"""``raise-bot run``: serve every platform that is configured, until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from bot.assembly.serving import serve
from bot.errors import PlatformError
from bot.settings import load
from bot.telemetry.logs import telemetry


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    parser.add_argument("--state", type=Path, metavar="DIR", help="where things are kept (else RAISE_STATE)")
    parser.add_argument("--provider", metavar="NAME", help="offline, anthropic, openai, or an order such as a,b")


def run(args: argparse.Namespace) -> int:
    settings = load(policies=args.policies, state=args.state, provider=args.provider)
    try:
        asyncio.run(serve(settings, telemetry(settings.log_level), _announce))
    except PlatformError as problem:
        print(f"raise-bot: {problem}", file=sys.stderr)
        return 1
    return 0


def _announce(url: str) -> None:
    print(f"raise-bot is running; health at {url}healthz and {url}readyz", flush=True)
