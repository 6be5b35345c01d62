"""Planned queries decide what is asked: from the file of an operator to the first question of a person."""

from __future__ import annotations

import json
from asyncio import to_thread
from pathlib import Path

import pytest

from adapters.terminal.json_terminal import JsonTerminal
from bot.assembly.application import application
from bot.chat import Inbound, Said
from bot.cli.main import main
from bot.clock import ManualClock
from bot.identity import DIRECT, Person
from bot.private import Private
from bot.settings import Settings
from bot.telemetry.logs import silent
from tests.support.planning import BREAKUP, EMBEDDER, line

TEXT = "my girlfriend left me after four years and I can't sleep"
OTHER = "my brother and I stopped talking and our family takes sides"
GAINS = {
    "age": 1.6,
    "gender": 0.1,
    "emotional_state": 0.05,
    "mental_health_status": 0.05,
    "past_self_harm_history": 0.0,
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    judged = [{"attributes": [], "score": 3.0, "count": 9}]
    judged += [{"attributes": [name], "score": 3.0 + gain, "count": 9} for name, gain in GAINS.items()]
    rows = [line(f"{BREAKUP} {number}", judged=judged, path=["age"]) for number in range(12)]
    path = tmp_path / "planned.jsonl"
    path.write_text("\n".join([*rows, "half a line", ""]), encoding="utf-8")
    return path


def explained(capsys: pytest.CaptureFixture[str], text: str, *options: str) -> dict[str, str]:
    assert main(["explain", json.dumps({"text": text}), "--json", *options]) == 0
    told: dict[str, str] = json.loads(capsys.readouterr().out)
    return told


def test_what_was_planned_is_taken_in_shown_and_decides(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    state, at = tmp_path / "state", ["--state", str(tmp_path / "state")]
    assert main(["paths", "import", str(file), *at]) == 1
    out, err = capsys.readouterr()
    assert "12 added, 0 merged, 0 unchanged, 1 bad" in out
    assert f"{file}:13: expected a JSON object" in err

    assert main(["paths", "stats", "--json", *at]) == 0
    assert json.loads(capsys.readouterr().out)["domains"]["relationship"]["judgements"] == 12 * 54
    assert main(["paths", "list", "--json", "--limit", "1", *at]) == 0
    (first,) = json.loads(capsys.readouterr().out)
    drawn = tmp_path / "lattice.svg"
    assert main(["paths", "show", first["id"][:10], "--json", "--svg", str(drawn), *at]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert next(iter(shown["gains"]["alone"])) == "age"
    assert "polyline" in drawn.read_text(encoding="utf-8")
    again = tmp_path / "again.jsonl"
    assert main(["paths", "export", str(again), *at]) == 0
    assert main(["paths", "import", str(again), "--json", *at]) == 0
    assert json.loads(capsys.readouterr().out)["unchanged"] == 12
    assert main(["paths", "reembed", "--json", *at]) == 0
    assert json.loads(capsys.readouterr().out) == {"embedder": EMBEDDER.name, "reembedded": 0}
    for action in (["list"], ["show", first["id"]], ["stats"]):
        assert main(["paths", *action, *at]) == 0
    assert "age" in capsys.readouterr().out

    monkeypatch.delenv("RAISE_STATE", raising=False)
    by_table, by_plans = explained(capsys, TEXT), explained(capsys, TEXT, *at)
    assert (by_table["evidence"], by_plans["evidence"]) == ("table", "planned")
    assert by_table["attribute"] != by_plans["attribute"] == "age"
    assert by_plans["because"].startswith("asked age: expected +")
    # Nothing like it is planned: the table decides, as if nothing were.
    assert explained(capsys, OTHER, *at) == explained(capsys, OTHER)
    assert (state / "key").stat().st_mode & 0o077 == 0


async def test_the_running_bot_asks_what_was_planned(file: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert await to_thread(main, ["paths", "import", str(file), "--state", str(state)]) == 1
    for settings, expected in ((Settings(), False), (Settings(state=state), True)):
        written: list[str] = []
        clock, terminal = ManualClock(), JsonTerminal(written.append)
        async with application(settings, [terminal], clock=clock, telemetry=silent()) as app:
            assert (app.rules().evidence is not None) is expected
            person = Person(terminal.name, "w1", "ann")
            said = Inbound("e1", person, DIRECT, Said(Private(TEXT)), clock.now(), "en")
            receipt = await app.intake.accept(said)
            await app.intake.finished(receipt.turn_id)
        asked = [json.loads(each) for each in written if '"question"' in each]
        assert asked, written
        assert ("age" in {each.get("attribute") for each in asked}) is expected


def test_a_command_without_a_folder_says_what_it_needs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("RAISE_STATE", raising=False)
    assert main(["paths", "list"]) == 2
    assert "RAISE_STATE" in capsys.readouterr().err
    assert main(["paths", "show", "zzz", "--state", str(tmp_path)]) == 2
    assert "raise-bot paths list" in capsys.readouterr().err
    assert main(["paths", "import", str(tmp_path / "none"), "--state", str(tmp_path)]) == 2
    assert "cannot be read" in capsys.readouterr().err
