"""``raise-bot policy test``: run the tests beside a policy, and say what differs, where."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.errors import InputError, PolicyError

if TYPE_CHECKING:  # pydantic and the whole application are needed only when tests run
    from bot.assembly.rehearsal import Outcome
    from bot.policy.schema import Policy
    from bot.policy.trial_files import TrialFile

_LONGEST: Final = 300
"""Characters of a text shown in a failure."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", nargs="?", type=Path, metavar="DIR", help="the policy (else --policies, RAISE_POLICIES)"
    )
    parser.add_argument("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    parser.add_argument("-k", dest="only", default="", metavar="TEXT", help="only tests with TEXT in file or name")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="also write a report in JUnit's form")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(args: argparse.Namespace) -> int:
    from bot.policy.diagnostics import Level
    from bot.policy.folder import find_folder
    from bot.policy.loader import load
    from bot.policy.trial_files import inspect_trials

    folder = find_folder(args.folder or args.policies)
    policy = load(folder)
    inspected = inspect_trials(folder, policy)
    if any(each.severity is Level.ERROR for each in inspected.diagnostics):
        from bot.cli.frames import show

        show(folder, inspected.diagnostics, everything=True)
        return 1
    outcomes = _outcomes(folder, policy, inspected.files, args.only)
    if not outcomes:
        raise InputError(f"no test to run{f' with {args.only!r} in it' if args.only else ''}: list files under tests:")
    if args.junit is not None:
        try:
            args.junit.write_text(junit(outcomes), encoding="utf-8")
        except OSError as problem:
            raise PolicyError(f"expected a file to write to in --junit {args.junit}: {problem.strerror}") from problem
    print(json.dumps(_report(policy.id, outcomes), indent=2, ensure_ascii=False) if args.json else _plain(outcomes))
    return 1 if any(each.mismatches for each in outcomes) else 0


def _outcomes(folder: Path, policy: Policy, files: Sequence[TrialFile], only: str) -> list[Outcome]:
    from bot.assembly.exemplars import examine
    from bot.assembly.rehearsal import rehearse
    from bot.settings import load as settings

    ran = asyncio.run(rehearse(settings(), policy, files))
    return [each for each in (*ran, *examine(folder, policy)) if only in each.file or only in each.name]


def _plain(outcomes: Sequence[Outcome]) -> str:
    lines: list[str] = []
    for each in outcomes:
        for wrong in each.mismatches:
            lines.append(f"{each.file}:{wrong.line}:{wrong.column}: {each.name}, {wrong.step}. step: {wrong.key}")
            lines += [f"    - expected  {_cut(wrong.expected)}", f"    + got       {_cut(wrong.actual)}"]
            lines += [f"      because   {_cut(wrong.because)}"] if wrong.because else []
    failed = sum(bool(each.mismatches) for each in outcomes)
    took = sum(each.seconds for each in outcomes)
    lines.append(f"{len(outcomes)} tests, {failed or 'none'} failed, {took:.1f} s")
    return "\n".join(lines)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "..."


def _report(policy_id: str, outcomes: Sequence[Outcome]) -> dict[str, object]:
    return {
        "policy": policy_id,
        "tests": len(outcomes),
        "failed": sum(bool(each.mismatches) for each in outcomes),
        "outcomes": [
            {
                "file": each.file,
                "line": each.line,
                "name": each.name,
                "passed": not each.mismatches,
                "seconds": round(each.seconds, 4),
                "mismatches": [
                    {
                        "line": wrong.line,
                        "column": wrong.column,
                        "step": wrong.step,
                        "key": wrong.key,
                        "expected": wrong.expected,
                        "actual": wrong.actual,
                        "because": wrong.because,
                    }
                    for wrong in each.mismatches
                ],
            }
            for each in outcomes
        ],
    }


def junit(outcomes: Sequence[Outcome]) -> str:
    """The outcomes as JUnit's XML: one suite a file."""
    files = dict.fromkeys(each.file for each in outcomes)
    suites = "".join(_suite(file, [each for each in outcomes if each.file == file]) for file in files)
    failed = sum(bool(each.mismatches) for each in outcomes)
    head = f'<testsuites name="raise-bot policy test" tests="{len(outcomes)}" failures="{failed}">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{suites}</testsuites>\n'


def _suite(file: str, outcomes: Sequence[Outcome]) -> str:
    failed = sum(bool(each.mismatches) for each in outcomes)
    took = sum(each.seconds for each in outcomes)
    numbers = f'tests="{len(outcomes)}" failures="{failed}" errors="0" skipped="0" time="{took:.3f}"'
    return f"  <testsuite name={_quoted(file)} {numbers}>\n{''.join(map(_case, outcomes))}  </testsuite>\n"


def _case(each: Outcome) -> str:
    place = f'classname={_quoted(each.file)} file={_quoted(each.file)} line="{each.line}"'
    head = f'    <testcase name={_quoted(each.name)} {place} time="{each.seconds:.3f}"'
    if not each.mismatches:
        return f"{head}/>\n"
    told = [
        f"{each.file}:{wrong.line}: {wrong.key}: expected {wrong.expected}, got {wrong.actual}"
        for wrong in each.mismatches
    ]
    failure = f"<failure message={_quoted(told[0])}>{_escaped(chr(10).join(told))}</failure>"
    return f"{head}>\n      {failure}\n    </testcase>\n"


def _quoted(text: str) -> str:
    return f'"{_escaped(" ".join(text.split()))}"'


def _escaped(text: str) -> str:
    from html import escape

    return escape(re.sub("[^\t\n -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\N{REPLACEMENT CHARACTER}", text))
