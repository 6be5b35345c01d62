"""``raise-bot chat --json --state`` killed with SIGKILL: what was asked is still answered, and nothing twice."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.conversations import HEARTBREAK

Line = dict[str, Any]


class Chat:
    """One process of the command, spoken to line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.printed: list[Line] = []

    def send(self, **fields: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"user": "u1", "workspace": "w1", **fields}) + "\n")
        self.process.stdin.flush()

    def until_done(self, event: str) -> list[Line]:
        assert self.process.stdout is not None
        while not (self.printed and self.printed[-1] == {"kind": "done", "id": event}):
            line = self.process.stdout.readline()
            assert line, "the process ended before it was done"
            self.printed.append(json.loads(line))
        return self.printed

    def kill(self) -> list[Line]:
        """SIGKILL; what it had printed by then."""
        assert self.process.stdout is not None
        os.kill(self.process.pid, signal.SIGKILL)
        rest = self.process.stdout.read().splitlines()
        self.printed += [json.loads(line) for line in rest if line.endswith("}")]
        self.process.wait(30)
        return self.printed


@contextmanager
def chat(state: Path) -> Iterator[Chat]:
    command = [sys.executable, "-m", "bot.cli.main", "chat", "--json", "--state", str(state)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Chat(process)
        finally:
            process.kill()


def messages(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line["kind"] in ("question", "answer", "crisis", "notice")]


@pytest.mark.parametrize("delay", [0.0, 0.05])
def test_a_killed_chat_goes_on_where_it_was(tmp_path: Path, delay: float) -> None:
    with chat(tmp_path) as first:
        first.send(id="e1", text=HEARTBREAK)
        (question,) = messages(first.until_done("e1"))
        assert question["kind"] == "question"
        first.printed.clear()
        first.send(id="e2", choose=question["choices"][0]["id"])
        time.sleep(delay)
        before = messages(first.kill())
    with chat(tmp_path) as second:
        second.send(id="e2", choose=question["choices"][0]["id"])
        replied = before + messages(second.until_done("e2"))
        assert len(replied) == 1, "the same event was answered twice, or not at all"
        second.printed.clear()
        second.send(id="e3", text="just answer me")
        final = messages(second.until_done("e3"))
        assert final[-1]["kind"] == "answer"


def test_a_chat_killed_in_the_moment_of_its_answer_does_not_answer_again(tmp_path: Path) -> None:
    digests = tmp_path / "printed"
    with chat(tmp_path) as first:
        first.send(id="e1", text=HEARTBREAK)
        first.until_done("e1")
        first.printed.clear()
        known = digests.stat().st_size
        with standing_still(tmp_path / "raise.db"):
            first.send(id="e2", text="just answer me")
            assert first.process.stdout is not None
            before = [json.loads(first.process.stdout.readline())]
            until_longer(digests, known)  # the line and its digest are two writes, and between them anything may happen
            before += first.kill()
        assert [line["kind"] for line in before] == ["answer"]
    with chat(tmp_path) as second:
        second.send(id="e2", text="just answer me")
        assert messages(second.until_done("e2")) == []


@contextmanager
def standing_still(file: Path) -> Iterator[None]:
    """The process does not get on with noting down what came of a turn, however long it is left alone."""
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        counting = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
        database.execute(f"CREATE VIEW endless AS {counting}")
        database.execute(
            "CREATE TRIGGER still BEFORE UPDATE OF journal ON turns WHEN OLD.journal IS NOT NULL "
            "BEGIN SELECT * FROM endless; END"
        )
        yield
        database.execute("DROP TRIGGER still")
        database.execute("DROP VIEW endless")


def until_longer(file: Path, size: int, within: float = 30.0) -> None:
    deadline = time.monotonic() + within
    while file.stat().st_size <= size:
        assert time.monotonic() < deadline, "no digest of the line was kept"
        time.sleep(0.001)


def test_an_event_served_before_a_restart_gives_only_done(tmp_path: Path) -> None:
    with chat(tmp_path) as first:
        first.send(id="e1", text=HEARTBREAK)
        first.until_done("e1")
    with chat(tmp_path) as second:
        second.send(id="e1", text=HEARTBREAK)
        assert second.until_done("e1") == [{"kind": "done", "id": "e1"}]
