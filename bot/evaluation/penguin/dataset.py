"""The data set: one table with a query, its domain, and the background of who asks (METHOD section 2).

Reads the public form (query, scenario, source, age, ... emotional_state) as well as our own, which adds
past_self_harm_history, id, group and situation. The rows are read and checked as ``raise-bot plan`` does it.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from bot.errors import InputError
from bot.profile.attributes import ATTRIBUTES, BUCKETS
from bot.raise_core.paths.index import plan_id
from bot.raise_core.planner.files import Flaw, Raw, read_rows
from bot.raise_core.planner.queries import read_sheet

EXTRAS: Final = ("id", "source", "group", "situation")
"""Columns beside query, scenario and attributes."""
_DOMAIN: Final = ("scenario", "domain")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One query of one person. ``profile`` (attribute -> value as it stands in the data, in the catalogue's order) is
    all that is known of them; ``buckets`` the same in the catalogue's sets, None where a value fits none."""

    id: str
    query: str
    domain: str
    profile: Mapping[str, str]
    buckets: Mapping[str, str | None]
    source: str = ""
    group: str = ""
    situation: str = ""


@dataclass(slots=True)
class DataSet:
    """A file as it was read. ``missing`` attributes have no column; ``outside`` counts values that fit no set."""

    scenarios: list[Scenario] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)
    repeated: list[tuple[int, int]] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    outside: Counter[str] = field(default_factory=Counter)

    @property
    def fingerprint(self) -> str:
        """Of every scenario, in order: two files with one fingerprint are the same data."""
        whole = hashlib.sha256()
        for each in self.scenarios:
            whole.update(f"{each.id}\0{each.source}\0{each.group}\0{each.situation}\n".encode())
        return whole.hexdigest()


def read_dataset(path: Path, domains: Collection[str], bucket: Callable[[str, str], str | None]) -> DataSet:
    """Read and check a file. ``bucket`` gives the bucket of an attribute's value, None where it fits none. Bad rows are
    flaws; raises InputError for a file without the columns that every row needs, and where no row is good."""
    data, seen, columns = DataSet(), dict[str, int](), set[str]()
    for row in read_rows(path):
        if isinstance(row, Flaw):
            data.flaws.append(row)
            continue
        columns |= _columns(row)
        try:
            scenario = _scenario(row, domains, bucket, data.outside)
        except InputError as problem:
            data.flaws.append(Flaw(row.place, str(problem)))
            continue
        if scenario.id in seen:
            data.repeated.append((row.place, seen[scenario.id]))
            continue
        seen[scenario.id] = row.place
        data.scenarios.append(scenario)
    _check_columns(path, columns)
    data.missing = tuple(name for name in ATTRIBUTES if name not in columns)
    if not data.scenarios:
        first_flaw = f": {data.flaws[0].problem} (at {data.flaws[0].place})" if data.flaws else ""
        raise InputError(f"{path}: there is no row that can be used{first_flaw}")
    return data


def _columns(row: Raw) -> set[str]:
    nested = row.fields.get("profile")
    return {*row.fields, *(nested if isinstance(nested, dict) else ())}


def _check_columns(path: Path, columns: set[str]) -> None:
    lacking = [] if "query" in columns else ["query"]
    lacking += [] if columns & set(_DOMAIN) else ["scenario"]
    lacking += [] if columns & set(ATTRIBUTES) else [f"some of {', '.join(ATTRIBUTES)}"]
    if columns and lacking:
        found = ", ".join(sorted(columns)[:20])
        raise InputError(f"{path}: expected the columns {' and '.join(lacking)}, found only {found}")


def _scenario(
    row: Raw, domains: Collection[str], bucket: Callable[[str, str], str | None], outside: Counter[str]
) -> Scenario:
    """Raises InputError."""
    extras = {name: row.fields.get(name) for name in EXTRAS}
    plain = Raw(row.place, {name: value for name, value in row.fields.items() if name not in EXTRAS})
    sheet = read_sheet((plain,), ATTRIBUTES, domains, lambda query: None)
    if sheet.flaws:
        raise InputError(sheet.flaws[0].problem)
    (read,) = sheet.rows
    if not read.profile:
        raise InputError("expected the background of who asks: no attribute has a value")
    buckets: dict[str, str | None] = {}
    for name, value in read.profile.items():
        buckets[name] = value if value in BUCKETS[name] else bucket(name, value)
        outside[name] += buckets[name] is None and bool(BUCKETS[name])
    told = {name: "" if value is None or value != value else str(value) for name, value in extras.items()}
    return Scenario(
        plan_id(read.query, read.domain, read.profile),
        read.query,
        read.domain,
        read.profile,
        buckets,
        told["source"],
        told["group"],
        told["situation"],
    )


def chosen(scenarios: Sequence[Scenario], count: int, seed: int) -> list[Scenario]:
    """``count`` scenarios by chance, as evenly over domains and groups as they allow, in the data's order."""
    if count >= len(scenarios):
        return list(scenarios)
    strata: dict[tuple[str, str], list[int]] = {}
    for place, each in enumerate(scenarios):
        strata.setdefault((each.domain, each.group), []).append(place)
    piles = [strata[key] for key in sorted(strata)]
    for number, pile in enumerate(piles):
        Random(f"{seed}/{number}").shuffle(pile)
    Random(seed).shuffle(piles)
    taken: list[int] = []
    while len(taken) < count:
        for pile in piles:
            if pile and len(taken) < count:
                taken.append(pile.pop())
    return [scenarios[place] for place in sorted(taken)]


PUBLIC: Final = ("query", "scenario", "source", *(name for name in ATTRIBUTES if name != "past_self_harm_history"))
"""The columns of the public data set, in the catalogue's order of attributes."""
COLUMNS: Final = (*PUBLIC, "past_self_harm_history", "id", "group", "situation")


def row_of(scenario: Scenario) -> dict[str, str]:
    """A scenario as a row of our own form."""
    own = {
        "query": scenario.query,
        "scenario": scenario.domain,
        "source": scenario.source,
        "id": scenario.id,
        "group": scenario.group,
        "situation": scenario.situation,
    }
    return {name: own.get(name) or scenario.profile.get(name, "") for name in COLUMNS}


def write_dataset(path: Path, scenarios: Iterable[Scenario]) -> None:
    """Write a file by its ending: .csv, .json, .jsonl, .ndjson or .parquet, whole or not at all. Raises InputError."""
    kind = path.suffix.casefold()
    rows = [row_of(each) for each in scenarios]
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _FORMS.get(kind, _no_form)(part, rows)
        part.replace(path)
    except OSError as problem:
        part.unlink(missing_ok=True)
        raise InputError(f"{path}: cannot be written: {problem.strerror}") from None


def _no_form(part: Path, rows: Sequence[Mapping[str, str]]) -> None:
    raise InputError(f"{part.name[1:-5]}: expected a file ending in {', '.join(_FORMS)}")


def _write_csv(part: Path, rows: Sequence[Mapping[str, str]]) -> None:
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def _write_json(part: Path, rows: Sequence[Mapping[str, str]]) -> None:
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    part.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def _write_lines(part: Path, rows: Sequence[Mapping[str, str]]) -> None:
    part.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")


def _write_parquet(part: Path, rows: Sequence[Mapping[str, str]]) -> None:
    try:
        # Here, because it is an extra that most do not need.
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise InputError("writing Parquet needs pyarrow: pip install 'raise-bot[parquet]', or write CSV") from None
    parquet.write_table(pyarrow.Table.from_pylist(list(rows)), part)


_FORMS: Final[Mapping[str, Callable[[Path, Sequence[Mapping[str, str]]], None]]] = {
    ".csv": _write_csv,
    ".json": _write_json,
    ".jsonl": _write_lines,
    ".ndjson": _write_lines,
    ".parquet": _write_parquet,
}
