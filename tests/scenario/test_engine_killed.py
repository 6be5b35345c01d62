"""``kill -9`` in the middle: every turn ends, no step that had ended is done again, conversations keep their order."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.support.engine_process import STEPS

ROOT = Path(__file__).resolve().parents[2]
TURNS, LANES = 200, 20


def run(url: str, diary: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.engine_process", url, str(diary), str(TURNS), str(LANES)], cwd=ROOT
    )


def ended(diary: Path) -> int:
    return diary.read_text().count("ended ") if diary.exists() else 0


def kill_at(url: str, diary: Path, turns: int) -> None:
    """Start a process and kill it once so many turns have ended, or let it complete."""
    process = run(url, diary)
    deadline = time.monotonic() + 60
    while ended(diary) < turns and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()


def check(diary: Path) -> None:
    lines = diary.read_text().splitlines()
    kept: set[str] = set()
    for line in lines:
        verb, _, what = line.partition(" ")
        if verb == "kept":
            kept.add(what)
        assert verb != "did" or what not in kept, f"{what} was done again after it had been recorded"
    first_ends = list(dict.fromkeys(re.findall(r"^ended (\S+)$", "\n".join(lines), re.MULTILINE)))
    assert len(first_ends) == TURNS
    assert len(kept) == TURNS * len(STEPS)
    for lane in range(LANES):
        own = [turn for turn in first_ends if turn.startswith(f"lane{lane}-")]
        assert own == sorted(own)


def test_killed_twice_in_the_middle_all_turns_end_in_order_and_once(tmp_path: Path) -> None:
    url, diary = f"sqlite:///{tmp_path}/engine.sqlite", tmp_path / "diary"
    kill_at(url, diary, 40)
    kill_at(url, diary, 110)
    assert 110 <= ended(diary) < TURNS + LANES
    process = run(url, diary)
    assert process.wait(timeout=90) == 0
    check(diary)
