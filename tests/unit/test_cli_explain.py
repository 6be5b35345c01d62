"""``raise-bot explain``: one JSON object a line, with what would be hidden from moderators."""

from __future__ import annotations

import io
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.cli.main import main


def explained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *lines: str
) -> tuple[int, list[str]]:
    given = "".join(f"{line}\n" for line in lines).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), "utf-8"))
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
    lines = ("not json", '["text"]', '{"text": ""}', '{"text": "a \\ud83d b", "score": NaN}')
    code, (bad, other, good, half) = explained(monkeypatch, capsys, *lines)
    assert code == 1
    assert json.loads(bad)["kind"] == json.loads(other)["kind"] == "error"
    assert (json.loads(good)["redacted"], json.loads(good)["spans"]) == ("", [])
    assert json.loads(half)["redacted"] == "a ? b"


def test_a_line_sent_alone_is_answered_at_once_and_the_last_needs_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, ours = os.pipe()
    answers, told = os.pipe()
    with os.fdopen(theirs) as stdin, os.fdopen(told, "w") as stdout, os.fdopen(answers) as read:
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(sys, "stdout", stdout)
        with ThreadPoolExecutor(1) as pool, os.fdopen(ours, "w") as write:
            code = pool.submit(main, ["explain", "--json"])
            for text in ("one", "two"):
                write.write(f'{{"text": "{text}"}}\n')
                write.flush()
                assert json.loads(read.readline())["redacted"] == text
            write.write('{"text": "three"}\n{"text": "four"}')
            write.close()
            assert [json.loads(read.readline())["redacted"] for _ in range(2)] == ["three", "four"]
            assert code.result() == 0
