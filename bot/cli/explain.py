"""``raise-bot explain``: what the bot would do with a message, and why. Calls no model and keeps nothing."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from io import BufferedIOBase
from pathlib import Path
from typing import Final, NamedTuple, cast

import orjson

from bot.assembly.redaction import chosen
from bot.assembly.rulebook import Rulebook, learned
from bot.assembly.steady import settled_after
from bot.chat import Inbound, Said
from bot.clock import ManualClock
from bot.conversation.audit import Decided
from bot.conversation.events import Arrived
from bot.conversation.rules import Rules
from bot.conversation.states import State
from bot.conversation.turn import advance
from bot.errors import InputError
from bot.identity import DIRECT, Person
from bot.policy.locate import Location
from bot.private import Private
from bot.profile.consent import NEW
from bot.risk.screen import Findings, findings_of_each_safely
from bot.risk.verdicts import Unscreened
from bot.settings import load
from bot.telemetry.redaction import Redactor, redacted
from bot.telemetry.spans import Span

_NOBODY: Final = Person("explain", "none", "nobody")
_NOW: Final = ManualClock().now()
_AT_ONCE: Final = 1 << 16
"""Bytes read at once at most: some hundred messages."""


class Asked(NamedTuple):
    """A message to be explained, and its writer's language."""

    text: str
    locale: str = "und"


Explained = dict[str, str | float | list[list[int | str]] | None]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("message", nargs="*", help="the message; without it, lines are read from standard input")
    parser.add_argument("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="the bot's folder, for planned queries (else RAISE_STATE)"
    )
    parser.add_argument("--json", action="store_true", help='JSON lines: {"text": "...", "locale": ".."} in, one out')


def run(args: argparse.Namespace) -> int:
    with settled_after():
        settings = load(policies=args.policies, state=args.state)
        rules = asyncio.run(learned(settings, Rulebook.of(settings, model_reads=False))).current()
    given = [[" ".join(args.message).encode(errors="replace")]]
    redactor = chosen(settings)
    read, show = (_requested, _json) if args.json else (_typed, _plain)
    failed = False
    for lines in given if args.message else _as_they_come(cast("BufferedIOBase", sys.stdin.buffer)):
        asked = [*map(read, lines)]
        explained = iter(explain(rules, [each for each in asked if isinstance(each, Asked)], redactor))
        told = [show(next(explained) if isinstance(each, Asked) else each) for each in asked]
        failed = failed or any(isinstance(each, InputError) for each in asked)
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


def explain(rules: Rules, asked: Sequence[Asked], redactor: Redactor) -> list[Explained]:
    """What would happen to each message as the first of a direct conversation, and what of it moderators would see.

    All are read in one way before they are read in the next: a processor that does the same many times over needs much
    less time than one that does many things in turn.
    """
    texts = [each.text for each in asked]
    deciding = rules.at(_said(Asked("")), DIRECT)
    findings = findings_of_each_safely(deciding.screen, texts)
    locations = deciding.locator.locate_each(texts)
    hidden = [redactor.find(text) for text in texts]
    return [*map(partial(_explained, rules), asked, findings, locations, hidden)]


def _said(asked: Asked) -> Inbound:
    return Inbound("explain", _NOBODY, DIRECT, Said(Private(asked.text)), _NOW, asked.locale)


def _explained(
    rules: Rules, asked: Asked, findings: Findings | Unscreened, location: Location, hidden: Sequence[Span]
) -> Explained:
    """``redacted``: what moderators would see; ``spans`` says what is hidden: start, end and kind."""
    known = findings if isinstance(findings, Findings) else None
    _, effects = advance(rules, State(), Arrived(_said(asked), _NOW, (), NEW, findings=known, location=location))
    decided = next((each for each in effects if isinstance(each, Decided)), None) or Decided("answer", rules.policy.id)
    return {
        "severity": decided.severity.value,
        "category": decided.category.value if decided.category is not None else None,
        "rule": decided.rule,
        "domain": decided.domain,
        "domain_score": round(decided.domain_score, 4),
        "would": decided.kind,
        "attribute": decided.attribute,
        "because": decided.because,
        "evidence": _evidence(rules, asked.text, decided.domain),
        "redacted": redacted(asked.text, hidden),
        "spans": [[span.start, span.end, span.kind.value] for span in hidden],
    }


def _evidence(rules: Rules, text: str, domain: str | None) -> str:
    """What gains come from: plans of similar queries, or the domain's table alone."""
    near = rules.evidence.about(text, domain) if rules.evidence is not None and domain is not None else None
    return "planned" if near is not None else "table"


def _typed(line: bytes) -> Asked:
    return Asked(line.rstrip(b"\r").decode(errors="replace"))


def _requested(line: bytes) -> Asked | InputError:
    try:
        request = _parsed(line)
        if not isinstance(request, dict) or not isinstance(text := request.get("text"), str):
            raise InputError('expected a JSON object with "text", a string')
    except InputError as problem:
        return problem
    # Half of a surrogate pair is in no text that can be written out.
    text = text if text.isascii() else text.encode(errors="replace").decode()
    return Asked(text, str(request.get("locale") or "und"))


def _parsed(line: bytes) -> object:
    """What a line says: read fast, or else by the reader that is less strict and says better what is wrong."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        try:
            return json.loads(line)
        except (ValueError, RecursionError) as problem:
            raise InputError(f'expected a JSON object such as {{"text": "..."}}: {problem}') from None


def _json(told: Explained | InputError) -> str:
    return orjson.dumps({"kind": "error", "problem": str(told)} if isinstance(told, InputError) else told).decode()


def _plain(told: Explained | InputError) -> str:
    if isinstance(told, InputError):
        return f"error: {told}"
    found = f"{told['severity']}, {told['category']} ({told['rule']})"
    danger = "no sign of danger" if told["severity"] == "none" else found
    where = f"{told['domain']} ({told['domain_score']})" if told["domain"] else "no domain"
    asked = f" {told['attribute']}" if told["attribute"] else ""
    planned = "\n  gains    from planned queries like this one" if told["evidence"] == "planned" else ""
    because = f"{told['because'] or '-'}{planned}"
    return f"would {told['would']}{asked}\n  screen   {danger}\n  domain   {where}\n  because  {because}"
