"""The benches' command line: every wrong use ends with one clear line and exit code 2, and the formats hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.evaluation.generator import generate
from bot.evaluation.worlds import dump_worlds

PROBLEM = "raise-bot: "


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["bench", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert line.startswith(PROBLEM)
    return line.removeprefix(PROBLEM)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("agent", "--decline", "2"), "expected --decline from 0 to 1, got 2.0"),
        (("agent", "--decline", "nan"), "expected --decline from 0 to 1, got nan"),
        (("planner", "--k", "0"), "expected --k from 1 to 10, got 0"),
        (("planner", "--k", "11"), "expected --k from 1 to 10, got 11"),
        (("planner", "--budgets", "0"), "expected --budgets as numbers of judge calls such as 20,40,80, got '0'"),
        (("planner", "--budgets", "20;40"), "expected --budgets as numbers of judge calls such as 20,40,80"),
        (("planner", "--seed", "-1"), "expected --seed from 0 on, got -1"),
        (("agent", "--count", "1"), "expected --count of at least 2 worlds, got 1"),
    ],
)
def test_wrong_options_are_told(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], line: str) -> None:
    assert refused(capsys, *arguments).startswith(line)


@pytest.mark.parametrize("measure", ["planner", "agent"])
def test_a_missing_file_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path, measure: str) -> None:
    path = tmp_path / "none.json"
    told = refused(capsys, measure, "--worlds", str(path))
    assert told == f"expected a file of worlds at {path}, could not read it: No such file or directory"


@pytest.mark.parametrize("measure", ["planner", "agent"])
@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("[]", None, "got an empty list"),
        ("", 1, "expected a JSON list of worlds"),
        ("{}", 1, "valid tuple"),
        ('[{"id": "w1",\n', 2, "expected a JSON list of worlds"),
        ("prose\n", 1, "expected a JSON list of worlds"),
    ],
)
def test_a_broken_file_is_told_with_its_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, measure: str, text: str, line: int | None, told: str
) -> None:
    path = tmp_path / "worlds.json"
    path.write_text(text, encoding="utf-8")
    problem = refused(capsys, measure, "--worlds", str(path))
    assert told in problem
    assert str(path) in problem
    assert line is None or problem.startswith(f"{path}:{line}: ")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("base", 9, "world 2/base: "),
        ("judge_sd", float("nan"), "world 2/judge_sd: "),
        ("weights", {"star_sign": 0.2}, "got star_sign"),
        ("id", "w0", "an id of its own, got 'w0' twice"),
    ],
)
def test_a_broken_world_is_told_with_its_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, field: str, value: object, told: str
) -> None:
    path = tmp_path / "worlds.json"
    dump_worlds(generate(4, 0), path)
    rows = json.loads(path.read_text(encoding="utf-8"))
    rows[2][field] = value
    path.write_text("[\n\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]", encoding="utf-8")
    problem = refused(capsys, "agent", "--worlds", str(path))
    assert problem.startswith(f"{path}:5: ")
    assert told in problem


def test_text_that_is_not_utf8_is_told_with_its_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "worlds.json"
    path.write_bytes(b"[\n\xff]")
    assert refused(capsys, "planner", "--worlds", str(path)).startswith(f"{path}:2: expected UTF-8")


def test_worlds_with_one_query_cannot_be_split(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "worlds.json"
    worlds = generate(3, 0)
    dump_worlds([world.model_copy(update={"query": "the same"}) for world in worlds], path)
    assert "at least two different queries" in refused(capsys, "agent", "--worlds", str(path))
    assert "at least two different queries" in refused(capsys, "planner", "--pool", "--worlds", str(path))


def test_the_planner_prints_the_agreed_rows(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "worlds.json"
    dump_worlds(generate(4, 0), path)
    arguments = ["planner", "--worlds", str(path), "--k", "2", "--budgets", "5", "--pool", "--json"]
    assert main(["bench", *arguments]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    rows = json.loads(told.out)["rows"]
    assert [(row["strategy"], row["budget"]) for row in rows] == [
        ("lattice", 5),
        ("mcts", 300),
        ("uct", 200),
        ("exhaustive", 45),
        ("static", 0),
        ("random", 0),
        ("lattice+pool", 5),
    ]
    assert {(row["k"], row["worlds"]) for row in rows} == {(2, 4)}
