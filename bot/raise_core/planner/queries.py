"""Queries to plan, from rows of a file (the public form of PENGUIN, METHOD section 2) to units of work."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

from bot.errors import InputError
from bot.raise_core.paths.index import plan_id
from bot.raise_core.paths.rows import LONGEST_QUERY
from bot.raise_core.planner.files import Flaw, Raw
from bot.raise_core.planner.profiles import sample

PASSED_OVER: Final = ("id", "source")
"""Columns of data sets that planning has no use for."""
_DOMAIN: Final = ("domain", "scenario")
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class QueryRow:
    """One row to plan. ``profile`` holds the values it gives; empty where it gives none."""

    place: int
    query: str
    domain: str
    profile: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlanUnit:
    """One query for one person: what one plan is made for. ``profile`` holds a value for every attribute, as it is said
    to models; ``told`` the same in buckets, as evidence keeps it; ``budget`` is in judged sets."""

    id: str
    query: str
    domain: str
    profile: Mapping[str, str]
    told: Mapping[str, str]
    budget: int


@dataclass(slots=True)
class Sheet:
    """A file as it was read: good ``rows``; ``flaws``; ``repeated`` places with the place each repeats."""

    rows: list[QueryRow] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)
    repeated: list[tuple[int, int]] = field(default_factory=list)


def read_sheet(
    rows: Iterable[Raw | Flaw],
    attributes: Collection[str],
    domains: Collection[str],
    locate: Callable[[str], str | None],
) -> Sheet:
    """Check every row. ``locate`` gives the domain of a query whose row names none (None: it belongs to none)."""
    sheet, seen = Sheet(), dict[str, int]()
    for raw in rows:
        if isinstance(raw, Flaw):
            sheet.flaws.append(raw)
            continue
        try:
            row = _checked(raw, attributes, domains, locate)
        except InputError as problem:
            sheet.flaws.append(Flaw(raw.place, str(problem)))
            continue
        first = seen.setdefault(plan_id(row.query, row.domain, row.profile), row.place)
        if first == row.place:
            sheet.rows.append(row)
        else:
            sheet.repeated.append((row.place, first))
    return sheet


def _checked(
    raw: Raw, attributes: Collection[str], domains: Collection[str], locate: Callable[[str], str | None]
) -> QueryRow:
    fields = dict(raw.fields)
    nested = fields.pop("profile", None) or {}
    if not isinstance(nested, dict):
        raise InputError('expected "profile", an object by attribute: {"age": "34"}')
    query = fields.pop("query", None)
    if not isinstance(query, str) or not query.strip():
        raise InputError('expected "query", the question to plan for; got an empty one or none')
    if len(query) > LONGEST_QUERY:
        raise InputError(f'expected "query" of at most {LONGEST_QUERY} characters, got {len(query)}')
    named = [_text(name, fields.pop(name, None)) for name in _DOMAIN]
    told = {**fields, **nested}
    unknown = sorted(told.keys() - set(attributes) - set(PASSED_OVER))
    if unknown:
        listed = ", ".join(repr(name[:60]) for name in unknown[:5])
        raise InputError(f"unknown attribute {listed}: expected some of {', '.join(attributes)} (and query, scenario)")
    profile = {name: value for name in attributes if (value := _text(name, told.get(name)))}
    _storable(query, *profile.values())
    return QueryRow(raw.place, query.strip(), _domain(query, next(filter(None, named), ""), domains, locate), profile)


def _domain(query: str, named: str, domains: Collection[str], locate: Callable[[str], str | None]) -> str:
    if not named:
        found = locate(query)
        if found is None:
            raise InputError(
                f'expected "scenario", one of {", ".join(domains)}; there is none, and the query alone does not tell'
            )
        return found
    if named.casefold() not in domains:
        raise InputError(f'expected "scenario", one of {", ".join(domains)}; got {named[:60]!r}')
    return named.casefold()


def _text(name: str, value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}"
    raise InputError(f'expected a text for "{name}", got {type(value).__name__}')


def _storable(*texts: str) -> None:
    for text in texts:
        if _UNSTORABLE.search(text):
            raise InputError("expected text without NUL and without halves of characters (lone surrogates)")


def units_of(
    rows: Iterable[QueryRow], budget: int, profiles: int, seed: int, bucket: Callable[[str, str], str | None]
) -> list[PlanUnit]:
    """What is to be planned, in order: every query for a first person, then for a second, ... so that a job that is
    stopped has something of each query. A row with values of a person is planned for them, what it leaves out drawn to
    fit; one without is planned for ``profiles`` people drawn for it, who share its ``budget``. ``bucket`` gives the
    bucket of an attribute's value, None where it fits none. The same rows and seed give the same units."""
    rounds: list[list[PlanUnit]] = [[] for _ in range(profiles)]
    for row in rows:
        count = 1 if row.profile else profiles
        for number in range(min(count, budget)):
            rng = Random(f"{seed}/{number}/{plan_id(row.query, row.domain, row.profile)}")
            given = {name: bucket(name, value) or value for name, value in row.profile.items()}
            told = sample(rng, row.domain, given) | given
            share = budget // count + (number < budget % count)
            unit = PlanUnit(
                plan_id(row.query, row.domain, told), row.query, row.domain, {**told, **row.profile}, told, share
            )
            rounds[number].append(unit)
    distinct = {unit.id: unit for each in rounds for unit in each}
    return list(distinct.values())
