"""``raise-bot penguin run --target deployed``: scenarios through the whole bot, over its chat page."""

from __future__ import annotations

import pytest

from tests.support.models.faults import Fault, Kind
from tests.support.penguin_runs import PenguinRuns

WHOLE = ("--target", "deployed", "--decline", "0")


async def test_the_whole_bot_is_measured_also_after_an_outage(
    penguin: PenguinRuns, capsys: pytest.CaptureFixture[str]
) -> None:
    options = (*WHOLE, "--modes", "context-free,raise", "--sample", "6")
    # The bot serves people a prepared answer then, and the run measures them another time.
    penguin.server.faults.extend([None] * 4 + [Fault(Kind.STATUS, status=401, code="authentication_error")])
    assert await penguin.run(*options, "--concurrency", "1") == 2
    assert 0 < len(penguin.results()) < 12
    penguin.server.faults.clear()
    assert await penguin.run(*options) == 0
    rows = penguin.results()
    assert len(rows) == 12
    assert all(row["judged"] and not row["failure"] for row in rows)
    asking = [row for row in rows if row["mode"] == "raise"]
    assert sum(len(row["asked"]) for row in asking) >= 6
    for row in asking:
        assert set(row["known"]) == set(row["asked"])
    assert all(row["known"] == [] for row in rows if row["mode"] == "context-free")
    # Whoever got no question is told apart by why.
    assert all(bool(row["unasked"]) != bool(row["asked"]) for row in rows)
    assert await penguin.report() == 0
    assert "| mode | answers | asked | crisis reply | no domain found |" in capsys.readouterr().out


async def test_what_the_whole_bot_decides_by_itself_is_refused(
    penguin: PenguinRuns, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await penguin.run("--target", "deployed", "--modes", "static") == 2
    assert "the bot decides what it asks" in capsys.readouterr().err
    assert await penguin.run(*WHOLE, "--batch") == 2
    assert "expected --batch without --target deployed" in capsys.readouterr().err
