"""Files of queries: every form, everything that may be wrong with them, and the units they become."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from bot.errors import InputError
from bot.profile.attributes import ATTRIBUTES
from bot.raise_core.planner.files import read_rows
from bot.raise_core.planner.queries import PlanUnit, Sheet, read_sheet, units_of

DOMAINS = ("life", "health")
ROWS = [
    {"query": "Why can I not sleep?", "scenario": "Health", "source": "forum", "age": "34", "emotional_state": ""},
    {"query": 'What now, "friend"?\nTell me.', "scenario": "life", "source": "", "age": "", "emotional_state": "anger"},
]


def written(folder: Path, kind: str) -> Path:
    path = folder / f"queries.{kind}"
    match kind:
        case "csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(ROWS[0]))
                writer.writeheader()
                writer.writerows(ROWS)
        case "json":
            path.write_text(json.dumps(ROWS, indent=1), encoding="utf-8")
        case "jsonl":
            path.write_text("".join(f"{json.dumps(row)}\n" for row in ROWS), encoding="utf-8")
        case _:
            parquet.write_table(pa.Table.from_pylist(ROWS), path)
    return path


def sheet(path: Path) -> Sheet:
    return read_sheet(read_rows(path), ATTRIBUTES, DOMAINS, lambda query: "life" if "life" in query else None)


def of_text(folder: Path, name: str, text: str) -> Sheet:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return sheet(path)


def flaws(read: Sheet) -> list[tuple[int, str]]:
    return [(flaw.place, flaw.problem) for flaw in read.flaws]


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl", "parquet"])
def test_every_form_says_the_same(tmp_path: Path, kind: str) -> None:
    read = sheet(written(tmp_path, kind))
    assert not read.flaws
    assert [(row.query, row.domain, dict(row.profile)) for row in read.rows] == [
        ("Why can I not sleep?", "health", {"age": "34"}),
        ('What now, "friend"?\nTell me.', "life", {"emotional_state": "anger"}),
    ]


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl", "parquet"])
def test_half_a_file_gives_what_came_before_the_cut_and_says_where_it_is(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, kind)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b"friend") + 3] if kind != "parquet" else whole[: len(whole) // 2])
    read = sheet(path)
    # Where its rows are stands at the end of a Parquet file: without it there are none.
    assert [row.query for row in read.rows] == (["Why can I not sleep?"] if kind != "parquet" else [])
    ((place, problem),) = flaws(read)
    assert place == {"csv": 3, "json": 9, "jsonl": 2, "parquet": 1}[kind]
    assert "cut off" in problem


def test_every_bad_row_is_told_with_its_line_and_costs_no_other(tmp_path: Path) -> None:
    rows: list[object] = [
        {"query": "My life", "profile": {"age": 34}},
        {"query": "  ", "scenario": "life"},
        {"scenario": "life"},
        {"query": "x", "scenario": "sports"},
        {"query": "x"},
        {"query": "x", "scenario": "life", "shoe_size": "44"},
        {"query": "x", "scenario": "life", "profile": {"mental_heath": "none"}},
        {"query": "x", "scenario": "life", "age": ["34"]},
        {"query": "x", "scenario": "life", "profile": "old"},
        {"query": "x" * 9000, "scenario": "life"},
        {"query": "x\ud800", "scenario": "life"},
        ["query"],
        {"query": "My  LIFE", "scenario": "life", "age": "34"},
    ]
    read = of_text(tmp_path, "q.jsonl", "\n".join(json.dumps(row) for row in rows))
    assert [(row.place, row.domain) for row in read.rows] == [(1, "life")]
    assert [place for place, _ in flaws(read)] == list(range(2, 13))
    expected = ["query", "query", "sports", "does not tell", "'shoe_size'", "'mental_heath'", '"age"', '"profile"']
    expected += ["9000", "surrogates", "list"]
    for (_, problem), word in zip(flaws(read), expected, strict=True):
        assert word in problem
    assert read.repeated == [(13, 1)]


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("q.json", '{"query": "x"}', 1),
        ("q.json", "\n\n", 3),
        ("q.json", '[{"query": "My life"}\n {"query": "My other life"}]', 2),
        ("q.csv", "query,scenario\nMy life,life\nMy,other,life\n", 3),
        ("q.jsonl", '{"query": "My life"}\nnot json\n', 2),
    ],
)
def test_broken_text_is_told_with_its_line(tmp_path: Path, name: str, text: str, place: int) -> None:
    assert [each for each, _ in flaws(of_text(tmp_path, name, text))] == [place]


def test_what_cannot_be_read_at_all_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"\.csv, \.json"):
        sheet(tmp_path / "queries.xlsx")
    with pytest.raises(InputError, match="cannot be read"):
        sheet(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes("query,scenario\nWhy?,life\nOù?,life".encode("latin-1"))
    with pytest.raises(InputError, match=r"latin\.csv:3: expected UTF-8"):
        sheet(tmp_path / "latin.csv")
    assert not sheet(written(tmp_path, "parquet")).flaws
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"raise-bot\[parquet\]"):
        sheet(tmp_path / "queries.parquet")


def units(folder: Path, budget: int = 40, profiles: int = 3, seed: int = 0) -> list[PlanUnit]:
    rows = sheet(written(folder, "csv")).rows
    rows += of_text(folder, "q.jsonl", '{"query": "My life"}').rows
    return units_of(rows, budget, profiles, seed, lambda name, value: "25-34" if value == "34" else None)


def test_a_row_with_values_is_planned_for_that_person_and_others_for_people_drawn(tmp_path: Path) -> None:
    made = units(tmp_path)
    assert [(unit.query, unit.budget) for unit in made if unit.query != "My life"] == [
        ("Why can I not sleep?", 40),
        ('What now, "friend"?\nTell me.', 40),
    ]
    assert [unit.budget for unit in made if unit.query == "My life"] == [14, 13, 13]
    assert made[0].profile["age"] == "34"
    assert made[0].told["age"] == "25-34"
    assert made[1].told["emotional_state"] == "anger"
    for unit in made:
        assert set(unit.profile) == set(unit.told) == set(ATTRIBUTES)
    # The first person of every query comes before the second of any.
    assert [unit.query for unit in made][2:] == ["My life"] * 3


def test_the_same_rows_and_seed_give_the_same_people(tmp_path: Path) -> None:
    assert units(tmp_path) == units(tmp_path)
    drawn, others = ([unit.id for unit in units(tmp_path, seed=seed)] for seed in (0, 1))
    assert set(drawn) != set(others)
    assert len(units(tmp_path, budget=1)) == 3
