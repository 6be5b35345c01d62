"""``raise-bot explain``: what the bot would do with a message, and why. Calls no model and keeps nothing."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator
from functools import partial
from io import BufferedIOBase
from pathlib import Path
from typing import Final, cast

import orjson

from bot.assembly.redaction import chosen
from bot.assembly.rulebook import Rulebook, learned
from bot.assembly.steady import settle_memory
from bot.chat import Inbound, Said
from bot.clock import ManualClock
from bot.conversation.audit import Decided
from bot.conversation.events import Arrived
from bot.conversation.rules import Rules
from bot.conversation.states import State
from bot.conversation.turn import advance
from bot.errors import InputError
from bot.identity import DIRECT, Person
from bot.private import Private
from bot.profile.consent import NEW
from bot.settings import load
from bot.telemetry.redaction import Patterns, Redactor, redacted

_NOBODY: Final = Person("explain", "none", "nobody")
_NOW: Final = ManualClock().now()
_AT_ONCE: Final = 1 << 16
"""Bytes read at once at most: some hundred messages."""
Explained = dict[str, str | float | list[list[int | str]] | None]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("message", nargs="*", help="the message; without it, lines are read from standard input")
    parser.add_argument("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="the bot's folder, for planned queries (else RAISE_STATE)"
    )
    parser.add_argument("--json", action="store_true", help='JSON lines: {"text": "...", "locale": ".."} in, one out')


def run(args: argparse.Namespace) -> int:
    settings = load(policies=args.policies, state=args.state)
    rules = asyncio.run(learned(settings, Rulebook.of(settings, model_reads=False))).current()
    settle_memory()
    given = [[" ".join(args.message).encode(errors="replace")]]
    show = partial(_json if args.json else _plain, chosen(settings), rules)
    failed = False
    for lines in given if args.message else _as_they_come(cast("BufferedIOBase", sys.stdin.buffer)):
        told: list[str] = []
        for line in lines:
            try:
                told.append(show(line))
            except InputError as problem:
                failed = True
                error = {"kind": "error", "problem": str(problem)}
                told.append(orjson.dumps(error).decode() if args.json else f"error: {problem}")
        sys.stdout.write("\n".join((*told, "")))
        sys.stdout.flush()
    return 1 if failed else 0


def _as_they_come(source: BufferedIOBase) -> Iterator[list[bytes]]:
    """Lines, without their ends: those already there together, so that a line sent alone is answered at once."""
    pieces: list[bytes] = []
    while chunk := source.read1(_AT_ONCE):
        first, *others = chunk.split(b"\n")
        pieces.append(first)
        if others:
            yield [b"".join(pieces), *others[:-1]]
            pieces = [others[-1]]
    if last := b"".join(pieces):
        yield [last]


def explain(rules: Rules, text: str, locale: str = "und", redactor: Redactor | None = None) -> Explained:
    """What would happen to ``text`` as the first message of a direct conversation, and what of it moderators would see
    (``redacted``; ``spans`` says what is hidden: start, end and kind)."""
    said = Inbound("explain", _NOBODY, DIRECT, Said(Private(text)), _NOW, locale)
    _, effects = advance(rules, State(), Arrived(said, _NOW, (), NEW))
    decided = next((each for each in effects if isinstance(each, Decided)), None) or Decided("answer", rules.policy.id)
    hidden = (redactor or Patterns()).find(text)
    return {
        "severity": decided.severity.value,
        "category": decided.category.value if decided.category is not None else None,
        "rule": decided.rule,
        "domain": decided.domain,
        "domain_score": round(decided.domain_score, 4),
        "would": decided.kind,
        "attribute": decided.attribute,
        "because": decided.because,
        "evidence": _evidence(rules, text, decided.domain),
        "redacted": redacted(text, hidden),
        "spans": [[span.start, span.end, span.kind.value] for span in hidden],
    }


def _evidence(rules: Rules, text: str, domain: str | None) -> str:
    """What gains come from: plans of similar queries, or the domain's table alone."""
    near = rules.evidence.about(text, domain) if rules.evidence is not None and domain is not None else None
    return "planned" if near is not None else "table"


def _json(redactor: Redactor, rules: Rules, line: bytes) -> str:
    request = _request(line)
    if not isinstance(request, dict) or not isinstance(text := request.get("text"), str):
        raise InputError('expected a JSON object with "text", a string')
    # Half of a surrogate pair is in no text that can be written out.
    text = text if text.isascii() else text.encode(errors="replace").decode()
    return orjson.dumps(explain(rules, text, str(request.get("locale") or "und"), redactor)).decode()


def _request(line: bytes) -> object:
    """What a line says: read fast, or else by the reader that is less strict and says better what is wrong."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        try:
            return json.loads(line)
        except (ValueError, RecursionError) as problem:
            raise InputError(f'expected a JSON object such as {{"text": "..."}}: {problem}') from None


def _plain(redactor: Redactor, rules: Rules, line: bytes) -> str:
    told = explain(rules, line.rstrip(b"\r").decode(errors="replace"), redactor=redactor)
    found = f"{told['severity']}, {told['category']} ({told['rule']})"
    danger = "no sign of danger" if told["severity"] == "none" else found
    where = f"{told['domain']} ({told['domain_score']})" if told["domain"] else "no domain"
    asked = f" {told['attribute']}" if told["attribute"] else ""
    planned = "\n  gains    from planned queries like this one" if told["evidence"] == "planned" else ""
    because = f"{told['because'] or '-'}{planned}"
    return f"would {told['would']}{asked}\n  screen   {danger}\n  domain   {where}\n  because  {because}"
