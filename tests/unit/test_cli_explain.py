"""``raise-bot explain``: one JSON object a line, with what would be hidden from moderators."""

from __future__ import annotations

import io
import json
import sys

import pytest

from bot.cli.main import main


def explained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *lines: str
) -> tuple[int, list[str]]:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    code = main(["explain", "--json"])
    return code, capsys.readouterr().out.splitlines()


def test_what_is_hidden_is_told_with_its_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "I'm Laura, write to laura@example.org"
    code, (line,) = explained(monkeypatch, capsys, json.dumps({"text": text}))
    told = json.loads(line)
    assert code == 0
    assert told["redacted"] == "I'm [PERSON], write to [EMAIL_ADDRESS]"
    assert told["spans"] == [[4, 9, "PERSON"], [20, 37, "EMAIL_ADDRESS"]]
    assert {"severity", "domain", "would", "because"} <= told.keys()


def test_a_bad_line_is_told_and_the_next_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, (bad, good) = explained(monkeypatch, capsys, "not json", '{"text": ""}')
    assert code == 1
    assert json.loads(bad)["kind"] == "error"
    assert (json.loads(good)["redacted"], json.loads(good)["spans"]) == ("", [])
