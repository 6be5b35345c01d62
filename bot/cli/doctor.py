"""``raise-bot doctor``: what is wrong with the set-up, and what to do. Changes nothing, posts nothing."""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.assembly.examining import examine
from bot.assembly.findings import Finding
from bot.settings import load

_SIGNS = {"ok": "[green]ok[/]", "problem": "[red]problem[/]", "unknown": "[yellow]look[/]"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    parser.add_argument("--state", type=Path, metavar="DIR", help="where things are kept (else RAISE_STATE)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(args: argparse.Namespace) -> int:
    findings = asyncio.run(examine(load(policies=args.policies, state=args.state)))
    if args.json:
        for each in findings:
            print(json.dumps(asdict(each), ensure_ascii=False))
    else:
        _show(findings)
    return 1 if any(each.state == "problem" for each in findings) else 0


def _show(findings: tuple[Finding, ...]) -> None:
    table = Table.grid(padding=(0, 2))
    for each in findings:
        told = f"{escape(each.found)}\n[dim]-> {escape(each.do)}[/]" if each.do else escape(each.found)
        table.add_row(_SIGNS[each.state], f"[bold]{escape(each.what)}[/]", told)
    Console(highlight=False).print(table)
