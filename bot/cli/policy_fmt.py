"""``raise-bot policy fmt``: one way to write the same files; words, order and comments stay."""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", nargs="?", type=Path, metavar="DIR", help="the policy (else --policies, RAISE_POLICIES)"
    )
    parser.add_argument("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    parser.add_argument("--check", action="store_true", help="write nothing; show what would change and exit with 1")


def run(args: argparse.Namespace) -> int:
    from bot.policy.folder import find_folder

    folder = find_folder(args.folder or args.policies)
    wrong = changed = 0
    for name in _names(folder):
        outcome = _formatted(folder, name)
        if outcome is None:
            wrong += 1
            continue
        before, after = outcome
        if before == after:
            continue
        changed += 1
        if args.check:
            sys.stdout.writelines(_difference(name, before, after))
        else:
            from bot.policy.writing import replace_file

            replace_file(folder / name, after)
            print(f"formatted {name}")
    return 1 if wrong or (args.check and changed) else 0


def _names(folder: Path) -> tuple[str, ...]:
    """The index, and every file it lists that it can be read to list."""
    from bot.policy.document import Document
    from bot.policy.folder import INDEX
    from bot.policy.nodes import Mapping, Scalar, Sequence
    from bot.policy.reading import decode, read

    content = read(folder, INDEX, (INDEX, 1, 1))
    text = decode(content, INDEX) if isinstance(content, bytes) else ""
    root = Document(INDEX, text).root if isinstance(text, str) else None
    found = [INDEX]
    for _, value in root.entries if isinstance(root, Mapping) else ():
        items = value.items if isinstance(value, Sequence) else (value,)
        found += [item.text for item in items if isinstance(item, Scalar) and item.text.endswith(".yaml")]
    return tuple(dict.fromkeys(found))


def _formatted(folder: Path, name: str) -> tuple[str, str] | None:
    """The text before and after; None where it cannot be read, which is said."""
    from bot.policy.diagnostics import Diagnostic
    from bot.policy.formatting import formatted
    from bot.policy.reading import decode, read

    content = read(folder, name, (name, 1, 1))
    text = content if isinstance(content, Diagnostic) else decode(content, name)
    after = (text,) if isinstance(text, Diagnostic) else formatted(text, name)
    if isinstance(text, Diagnostic) or not isinstance(after, str):
        for problem in after:
            print(problem, file=sys.stderr)
        return None
    return text, after


def _difference(name: str, before: str, after: str) -> list[str]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    lines = difflib.unified_diff(old, new, name, f"{name} (formatted)", n=1)
    return [line if line.endswith("\n") else f"{line}\n" for line in lines]
