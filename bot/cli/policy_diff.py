"""``raise-bot policy diff``: what changes between two policies, in words, and in decisions."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.errors import InputError

if TYPE_CHECKING:  # the whole application is imported only when something is compared
    from bot.conversation.comparison import Comparison
    from bot.policy.schema import Policy

_WORDS_SHOWN: Final = 40
_CHANGES_SHOWN: Final = 12


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", type=Path, metavar="OLD", help="the folder of the one policy")
    parser.add_argument("new", type=Path, metavar="NEW", help="the folder of the other")
    parser.add_argument("--decisions", type=Path, metavar="FILE", help="replay these (policy decisions export)")
    parser.add_argument("--messages", type=Path, metavar="FILE", help="try these instead, one a line")
    parser.add_argument("--words-only", action="store_true", help="only say what changed, try nothing")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="also draw the outcomes")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(args: argparse.Namespace) -> int:
    from bot.policy.differences import differences
    from bot.policy.folder import find_folder
    from bot.policy.loader import load

    old, new = load(find_folder(args.old)), load(find_folder(args.new))
    words = differences(old, new)
    came = None if args.words_only else _compared(old, new, args.decisions, args.messages)
    if args.svg is not None and came is not None:
        _draw(args.svg, came)
    if args.json:
        print(json.dumps(_report(old, new, words, came), ensure_ascii=False, indent=2))
    else:
        print("\n".join((*_in_words(old, new, words), *(() if came is None else _table(came)))))
    return 0


def _compared(old: Policy, new: Policy, decisions: Path | None, messages: Path | None) -> Comparison:
    if decisions is not None:
        from bot.assembly.records import recorded
        from bot.conversation.comparison import compared

        return compared(old, new, recorded(decisions))
    from bot.assembly.rulebook import compiled
    from bot.conversation.synthetic import contrasted, openings
    from bot.settings import load as settings

    texts = openings(old, new) if messages is None else _lines_of(messages)
    known = settings()
    return contrasted(compiled(known, old), compiled(known, new), texts)


def _lines_of(messages: Path) -> Sequence[str]:
    try:
        return [line for line in messages.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(f"expected a text file in UTF-8 at {messages}: {problem}") from problem


def _draw(path: Path, came: Comparison) -> None:
    from bot.policy.pictures import pairs

    title = f"{came.differing:,} of {came.turns:,} would end differently"
    try:
        path.write_text(pairs(title, came.totals()), encoding="utf-8")
    except OSError as problem:
        raise InputError(f"expected a file to draw to at {path}: {problem.strerror}") from problem


def _in_words(old: Policy, new: Policy, words: Sequence[str]) -> Iterator[str]:
    yield f"{old.id} -> {new.id}: " + (f"{len(words)} changes" if words else "both say the same")
    yield from (f"  {each}" for each in words[:_WORDS_SHOWN])
    if len(words) > _WORDS_SHOWN:
        yield f"  ... and {len(words) - _WORDS_SHOWN} more (--json has them all)"


def _table(came: Comparison) -> Iterator[str]:
    share = 100 * came.differing / came.turns if came.turns else 0.0
    yield f"\n{came.differing} of {came.turns} would end differently ({share:.1f} %)"
    if not came.differing:
        return
    yield f"\n  {'outcome':<32} {'before':>8} {'after':>8} {'change':>8}"
    yield from (f"  {name:<32} {old:>8} {new:>8} {new - old:>+8}" for name, old, new in came.totals())
    yield f"\n  {'domain':<32} {'turns':>8} {'differ':>8}"
    yield from (f"  {name:<32} {turns:>8} {differ:>8}" for name, (turns, differ) in sorted(came.domains.items()))
    yield "\n  what would become of them, with examples:"
    for (before, after), count in came.changes.most_common(_CHANGES_SHOWN):
        yield f"  {count:>6}  {before}  ->  {after}"
        yield from (f"            {each.name}" for each in came.examples[before, after])
    if len(came.changes) > _CHANGES_SHOWN:
        yield f"  ... and {len(came.changes) - _CHANGES_SHOWN} other ways (--json has them all)"


def _report(old: Policy, new: Policy, words: Sequence[str], came: Comparison | None) -> dict[str, object]:
    told: dict[str, object] = {"old": old.id, "new": new.id, "changes": list(words)}
    if came is None:
        return told
    outcomes = [{"outcome": name, "before": was, "after": will} for name, was, will in came.totals()]
    ways = [
        {
            "before": before,
            "after": after,
            "count": count,
            "examples": [each.name for each in came.examples[before, after]],
        }
        for (before, after), count in came.changes.most_common()
    ]
    domains = {name: {"turns": turns, "differing": differing} for name, (turns, differing) in came.domains.items()}
    return told | {
        "turns": came.turns, "differing": came.differing, "outcomes": outcomes, "ways": ways, "domains": domains,
    }  # fmt: skip
