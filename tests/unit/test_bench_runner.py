"""The benchmark's runner: its form, what it says of a part that fails, and its pictures. No figure is judged here."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.bench import parts, report, runner
from tests.support.bench.curves import drawn
from tests.support.bench.figures import Curve, Figure, Found, Scale, quantile
from tests.support.bench.lag import TICK, Lag

CHEAP = "waiting"
SVG = "{http://www.w3.org/2000/svg}"


def test_a_run_is_written_down_and_a_part_that_fails_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = {"broken": parts.Part("nowhere", "Something that cannot be measured", 1), CHEAP: parts.PARTS[CHEAP]}
    monkeypatch.setattr(runner, "PARTS", table)
    told: list[tuple[str, float, float]] = []
    done = runner.run((CHEAP, "broken"), Scale(quick=True), lambda *said: told.append(said))
    assert list(dict.fromkeys(title for title, _, _ in told)) == [table["broken"].title, table[CHEAP].title]
    assert len(told) > len(table), "how far a part is was not said while it ran"
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)

    report.write(done, tmp_path)
    text = (tmp_path / "BENCH.json").read_text(encoding="utf-8")
    run = json.loads(text)
    assert set(run) == {"date", "quick", "minutes", "machine", "parts"}
    assert set(run["machine"]) == {"cores", "memory_gb", "system", "architecture", "python"}
    assert "broken" in run["parts"]["broken"]["problem"]
    figures = {each["what"]: each for each in run["parts"][CHEAP]["figures"]}
    assert figures["with the model at the same time"]["value"] == 200
    assert figures["event loop late, p99"].keys() >= {"value", "unit", "most", "met"}

    tables = (tmp_path / "BENCH.md").read_text(encoding="utf-8")
    assert "Not measured: " in tables
    assert all(f"| {what} | " in tables for what in figures)
    assert len(report.promises(done)) == 3
    for private in (str(runner.ROOT), socket.gethostname()):
        assert private not in text + tables


def test_a_part_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PARTS", {CHEAP: parts.Part("waiting", "Something that lasts", 0.01, "memory")})
    (outcome,) = runner.run((CHEAP,), Scale(), lambda *_: None).outcomes
    assert "took longer than" in outcome.problem
    assert not outcome.found.figures


def test_every_part_is_a_module_and_says_how_long_it_takes() -> None:
    folder = Path(runner.__file__).parent
    for part in parts.PARTS.values():
        assert "async def measure(" in (folder / f"{part.module}.py").read_text(encoding="utf-8")
    whole = sum(part.expected(Scale()) for part in parts.PARTS.values())
    assert whole <= 12 * 60, "a whole run is to take twelve minutes at most"
    assert sum(part.expected(Scale(minutes=60)) for part in parts.PARTS.values()) == whole + 58 * 60


def test_figures_come_back_from_json_as_they_went() -> None:
    curve = Curve("growth", "Memory", "people", "MB", {"one": ((1, 2.0), (10, 3.0)), "two": ((1, 4.0),)})
    found = Found((Figure("late", 12.5, "ms", most=50.0, note="of 7"), Figure("turns", 31.0, "a second")), (curve,))
    assert Found.read(json.loads(json.dumps(found.json()))) == found


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (Figure("a", 1.0, "s"), None),
        (Figure("a", 50.0, "ms", most=50.0), True),
        (Figure("a", 50.1, "ms", most=50.0), False),
        (Figure("a", 1.69, "times", least=1.7), False),
    ],
)
def test_a_figure_knows_whether_it_reaches_what_was_promised(figure: Figure, met: bool | None) -> None:
    assert figure.met is met


def test_quantiles_are_values_that_were_seen() -> None:
    assert [quantile([3, 1, 2, 4], share) for share in (0, 0.5, 0.95, 1)] == [1, 2, 4, 4]


async def test_a_stall_counts_for_as_long_as_it_lasted() -> None:
    lag = Lag()
    lag.note(10 * TICK, 2 * TICK, 3 * TICK)
    assert lag.samples == pytest.approx([ticks * TICK for ticks in range(10, 0, -1)])
    assert lag.own == pytest.approx([2 * TICK, TICK])
    assert lag.others == pytest.approx([3 * TICK, 2 * TICK, TICK])
    lag.note(0.0, TICK, TICK)
    assert (lag.samples[-1], lag.own[-1], lag.others[-1]) == (0.0, 0.0, 0.0)


def test_a_picture_shows_twice_as_much_twice_as_far_and_names_its_lines() -> None:
    lines = {"in memory": ((10_000, 30.0), (50_000, 150.0), (100_000, 300.0)), "other": ((1_000, 2.0), (100_000, 90.0))}
    text = drawn(Curve("growth", "Memory <as> it grows", "people", "MB", lines))
    picture = ElementTree.fromstring(text)  # noqa: S314 - our own
    texts = [each.text for each in picture.iter(f"{SVG}text")]
    assert {"Memory <as> it grows", "20,000", "100,000", "300", "in memory", "other"} <= set(texts)
    polylines = list(picture.iter(f"{SVG}polyline"))
    assert [len(each.get("points", "").split()) for each in polylines] == [3, 2]
    (x1, y1), (x2, y2), (x3, y3) = (map(float, point.split(",")) for point in polylines[0].get("points", "").split())
    assert (x3 - x2) / (x2 - x1) == pytest.approx(50 / 40, abs=0.01)
    assert (y3 - y2) / (y2 - y1) == pytest.approx(150 / 120, abs=0.01)
    assert len({each.get("stroke-dasharray") for each in polylines}) == 2
