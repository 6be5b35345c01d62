"""Decisions on record as files: one JSON object a line, in features only."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from bot.assembly.decisions import Decisions
from bot.conversation.audit import Decided, Entry
from bot.errors import InputError

_PAGE: Final = 5_000
_DAY: Final = 86_400
_DECIDED: TypeAdapter[Decided] = TypeAdapter(Decided)
FORM: Final = 1


async def exported(decisions: Decisions, *, turns: bool) -> AsyncIterator[str]:
    """Every decision on record, oldest first, as lines. Persons, places and moments are left out, but for the day, so
    that the file need not be found when somebody is forgotten; ``turns`` adds the ids of turns."""
    number = 0
    while page := await decisions.since(number, _PAGE):
        for number, entry in page:
            yield _line(number, entry, turns=turns)


def _line(number: int, entry: Entry, *, turns: bool) -> str:
    named = {"turn": entry.turn_id} if turns else {"turn": str(number)}
    day = int(entry.at // _DAY) * _DAY
    return json.dumps({"form": FORM, **named, "day": day, "decided": asdict(entry.decided)}, separators=(",", ":"))


def recorded(path: Path) -> Iterator[tuple[str, Decided]]:
    """The decisions of an exported file, each with the name of its turn. Raises InputError naming the line."""
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _read(line, f"{path}:{number}")
    except OSError as problem:
        raise InputError(f"expected a file of exported decisions at {path}: {problem.strerror}") from problem


def _read(line: bytes, place: str) -> tuple[str, Decided]:
    try:
        record = from_json(line)
        if not isinstance(record, dict) or record.get("form") != FORM:
            raise InputError(f"{place}: expected a decision in form {FORM}, made by raise-bot policy decisions export")
        return str(record.get("turn", "")), _DECIDED.validate_python(record.get("decided"))
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise InputError(f"{place}: decided.{where}: {first['msg']}") from None
    except ValueError as problem:
        raise InputError(f"{place}: expected one JSON object: {problem}") from None
