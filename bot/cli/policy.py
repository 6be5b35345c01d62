"""``raise-bot policy``: everything operators do with the policy folder."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Final

from bot.errors import PolicyError
from bot.policy.diagnostics import Diagnostic, Level
from bot.policy.folder import find_folder

KINDS: Final = ("index", "defaults", "domain", "none", "risk", "resources", "locale", "cases", "places", "tests")
GUIDE: Final = "README.md"
ACTIONS: Final[dict[str, tuple[str, str]]] = {
    "test": ("bot.cli.policy_test", "run the tests beside a policy: a conversation in, the expected decisions out"),
    "explain": ("bot.cli.policy_explain", "say which rule, attribute and numbers decided, and what would change it"),
    "show": ("bot.cli.policy_show", "show the policy as it holds in one workspace and channel"),
    "diff": ("bot.cli.policy_diff", "say what changes between two policies, in words and in decisions"),
    "decisions": ("bot.cli.policy_decisions", "export what was decided, in features only"),
    "history": ("bot.cli.policy_history", "list the policies that served, when, and because of whom"),
    "rollback": ("bot.cli.policy_history", "put an earlier policy back into the folder"),
    "fmt": ("bot.cli.policy_fmt", "write the files in one way; words, order and comments stay"),
    "new": ("bot.cli.policy_new", "make a domain to start from, listed and with a test"),
}
"""Actions with a module of their own -> that module and their line in the help."""


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, title="actions")
    check = actions.add_parser("check", help="find every mistake in a policy folder, with its place and a hint")
    check.add_argument(
        "folder", nargs="?", type=Path, metavar="DIR", help="the folder (else --policies, else as found)"
    )
    check.add_argument("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    check.add_argument("--all", action="store_true", help="show every warning, also the many of one kind")
    check.add_argument("--json", action="store_true", help="one JSON object instead of text")
    schema = actions.add_parser("schema", help="print JSON Schema for editors")
    schema.add_argument("kind", nargs="?", choices=KINDS, help="a kind of file; without it, all of them by name")
    guide = actions.add_parser("guide", help="print the reference of every key, as Markdown")
    guide.add_argument("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    guide.add_argument("--write", action="store_true", help=f"renew the reference in DIR/{GUIDE} instead")
    for name, (module, line) in ACTIONS.items():
        importlib.import_module(module).configure(actions.add_parser(name, help=line, description=line.capitalize()))


def run(args: argparse.Namespace) -> int:
    if args.action in ACTIONS:
        code: int = importlib.import_module(ACTIONS[args.action][0]).run(args)
        return code
    match args.action:
        case "check":
            return _check(args.folder or args.policies, as_json=args.json, everything=args.all)
        case "schema":
            return _schema(args.kind)
        case _:
            return _guide(args.policies, write=args.write)


def _check(named: Path | None, *, as_json: bool, everything: bool) -> int:
    from bot.policy.trial_files import inspect_all  # pydantic is needed only here

    folder = find_folder(named)
    inspected = inspect_all(folder)
    found = inspected.diagnostics
    if as_json:
        identity = inspected.policy.id if inspected.policy is not None else None
        print(json.dumps(_report(folder, identity, found), ensure_ascii=False, indent=2))
    else:
        from bot.cli.frames import show  # and rich only here

        show(folder, found, everything=everything)
    return 1 if _count(found, Level.ERROR) else 0


def _report(folder: Path, identity: str | None, diagnostics: tuple[Diagnostic, ...]) -> dict[str, object]:
    return {
        "folder": str(folder),
        "policy": identity,
        "errors": _count(diagnostics, Level.ERROR),
        "warnings": _count(diagnostics, Level.WARNING),
        "diagnostics": [
            {
                "file": each.file,
                "line": each.line,
                "column": each.column,
                "severity": each.severity.value,
                "code": each.code,
                "message": each.message,
                "hint": each.hint,
            }
            for each in diagnostics
        ],
    }


def _count(diagnostics: tuple[Diagnostic, ...], level: Level) -> int:
    return sum(each.severity is level for each in diagnostics)


def _schema(kind: str | None) -> int:
    from bot.policy.kinds import json_schema

    schema = json_schema(kind) if kind else {each: json_schema(each) for each in KINDS}
    print(json.dumps(schema, ensure_ascii=False, indent=2))
    return 0


def _guide(named: Path | None, *, write: bool) -> int:
    from bot.policy.guide import reference, updated

    if not write:
        print(reference())
        return 0
    page = find_folder(named) / GUIDE
    try:
        page.write_text(updated(page.read_text(encoding="utf-8")), encoding="utf-8")
    except OSError as problem:
        raise PolicyError(f"expected a guide to renew in {page}: {problem.strerror}") from problem
    print(f"renewed {page}", file=sys.stderr)
    return 0
