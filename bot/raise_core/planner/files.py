"""Files of queries: CSV, JSON, JSON lines or Parquet, row by row, each with the place it stands at.

A row that cannot be read is a Flaw with its place; the rows around it are read all the same, up to where a file was
cut off. Parquet is read by pyarrow, which is an extra.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from json import JSONDecodeError
from pathlib import Path
from typing import Final

from bot.errors import InputError

FORMATS: Final = (".csv", ".json", ".jsonl", ".ndjson", ".parquet")
_BATCH: Final = 1_000
_LONGEST_CELL: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Raw:
    """One row as it stands there; ``place`` is its line (in Parquet its row), from 1."""

    place: int
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong at ``place``, and what was expected."""

    place: int
    problem: str


def read_rows(path: Path) -> Iterator[Raw | Flaw]:
    """The rows of a file, by its ending. Raises InputError for a file that cannot be read at all."""
    kind = path.suffix.casefold()
    if kind not in FORMATS:
        raise InputError(f"{path}: expected a file ending in {', '.join(FORMATS)}")
    if kind == ".parquet":
        yield from _parquet(path)
        return
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise InputError(f"{path}: cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        line = problem.object[: problem.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: expected UTF-8: save the file in that encoding") from None
    yield from {".csv": _csv, ".json": _json}.get(kind, _lines)(text)


def _csv(text: str) -> Iterator[Raw | Flaw]:
    csv.field_size_limit(_LONGEST_CELL)
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    while True:
        place = rows.line_num + 1
        try:
            cells = next(rows, None)
        except csv.Error as problem:
            yield Flaw(place, f"expected a CSV row, the file is broken or cut off here ({problem})")
            return
        if cells is None:
            return
        if header is None:
            header = [name.strip() for name in cells]
        elif len(cells) == len(header):
            yield Raw(place, dict(zip(header, cells, strict=True)))
        elif cells:
            yield Flaw(place, f"expected {len(header)} cells as in the first line, got {len(cells)}: broken or cut off")


def _lines(text: str) -> Iterator[Raw | Flaw]:
    for place, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield _object(place, json.loads(line))
        except (ValueError, RecursionError):
            yield Flaw(place, "expected a JSON object; the line is broken or cut off")


def _json(text: str) -> Iterator[Raw | Flaw]:
    """A list of objects, read one by one, so that a list that was cut off still gives those before the cut."""
    decoder, at = json.JSONDecoder(), _past(text, 0)
    if text[at : at + 1] != "[":
        yield Flaw(_line(text, at), "expected a JSON list of objects: [{...}, {...}]")
        return
    at = _past(text, at + 1)
    while text[at : at + 1] != "]":
        place = _line(text, at)
        try:
            value, end = decoder.raw_decode(text, at)
        except (JSONDecodeError, RecursionError):
            yield Flaw(place, "expected a JSON object; the file is broken or cut off here")
            return
        yield _object(place, value)
        at = _past(text, end)
        if text[at : at + 1] == ",":
            at = _past(text, at + 1)
        elif text[at : at + 1] != "]":
            yield Flaw(_line(text, at), "expected a comma or the end of the list; the file is broken or cut off here")
            return


def _object(place: int, value: object) -> Raw | Flaw:
    if isinstance(value, dict):
        return Raw(place, value)
    return Flaw(place, f"expected a JSON object, got {type(value).__name__}")


def _past(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _parquet(path: Path) -> Iterator[Raw | Flaw]:
    try:
        # Here, because it is an extra that most do not need.
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise InputError(
            f"{path}: reading Parquet needs pyarrow: pip install 'raise-bot[parquet]', or save the file as CSV"
        ) from None
    place = 0
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH):
                for fields in batch.to_pylist():
                    place += 1
                    yield Raw(place, fields)
    except OSError as problem:
        raise InputError(f"{path}: cannot be read: {problem.strerror or 'is it a whole Parquet file?'}") from None
    except pyarrow.ArrowException:
        yield Flaw(place + 1, "expected a whole Parquet file; this one is broken or cut off")
