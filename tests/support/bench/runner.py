"""Runs the parts one after the other, each in a process of its own, and keeps what the others found when one fails."""

from __future__ import annotations

import json
import os
import platform
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tests.support.bench.figures import Found, Scale
from tests.support.bench.parts import PARTS, SLACK

ROOT = Path(__file__).resolve().parents[3]
_LONGEST_PROBLEM = 300
TO_END = 15.0
"""Seconds."""
LOOK = 1.0
"""Seconds between two words about how far a part is."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a part. ``problem`` is empty where it found something; ``load``: processes that wanted a core
    when it began (those of the benchmark before it included)."""

    name: str
    seconds: float
    load: float
    found: Found = field(default_factory=lambda: Found(()))
    problem: str = ""

    def json(self) -> dict[str, object]:
        told = {"title": PARTS[self.name].title, "seconds": round(self.seconds, 1), "load": round(self.load, 1)}
        return told | ({"problem": self.problem} if self.problem else self.found.json())


@dataclass(frozen=True, slots=True)
class Run:
    """Everything of one run. ``date`` is the day it began (UTC)."""

    scale: Scale
    date: str
    machine: dict[str, object]
    outcomes: tuple[Outcome, ...]

    def json(self) -> dict[str, object]:
        return {
            "date": self.date,
            "quick": self.scale.quick,
            "minutes": self.scale.minutes,
            "machine": self.machine,
            "parts": {each.name: each.json() for each in self.outcomes},
        }


Progress = Callable[[str, float, float], None]
"""Told every second what runs, how many seconds' worth is done, and how many are expected from then on."""


def run(names: Sequence[str], scale: Scale, progress: Progress) -> Run:
    """Measure the parts of these names, in the order of ``PARTS``."""
    chosen = [name for name in PARTS if name in names]
    expected = [PARTS[name].expected(scale) for name in chosen]
    began, outcomes = datetime.now(UTC).date().isoformat(), []
    for place, name in enumerate(chosen):
        others = sum(expected[:place]), sum(expected[place + 1 :])
        tell = partial(_tell, progress, PARTS[name].title, expected[place], *others)
        outcomes.append(_measured(name, scale, tell))
    return Run(scale, began, machine(), tuple(outcomes))


def _tell(progress: Progress, title: str, own: float, before: float, after: float, passed: float) -> None:
    """A part that takes longer than usual stands still at its end."""
    done = min(passed, own)
    progress(title, before + done, own - done + after)


def machine() -> dict[str, object]:
    """What figures depend on, and nothing that names this very machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(memory),
        "system": platform.system(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
    }


def _measured(name: str, scale: Scale, tell: Callable[[float], None]) -> Outcome:
    """``tell``: told how many seconds the part has run."""
    began, load, limit = time.monotonic(), os.getloadavg()[0], SLACK * PARTS[name].expected(scale)
    command = [sys.executable, "-m", "tests.support.bench.part", name, "--minutes", str(scale.minutes)]
    command += ["--quick"] if scale.quick else []
    # A group of its own, so that with a part that takes too long its servers end, too.
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        problem, told = "", ""
        try:
            told, errors = _heard(process, began, limit, tell)
            if process.returncode:
                problem = _said(errors) or f"ended with {process.returncode}"
        except subprocess.TimeoutExpired:
            problem = f"took longer than {limit:.0f} s and was ended"
        finally:
            _end(process)
    seconds = time.monotonic() - began
    if problem:
        return Outcome(name, seconds, load, problem=problem.replace(str(ROOT), ".")[:_LONGEST_PROBLEM])
    return Outcome(name, seconds, load, Found.read(json.loads(told.splitlines()[-1])))


def _heard(
    process: subprocess.Popen[str], began: float, limit: float, tell: Callable[[float], None]
) -> tuple[str, str]:
    """Everything that a process says. Raises TimeoutExpired where it goes on for longer than ``limit`` seconds."""
    while True:
        passed = time.monotonic() - began
        tell(passed)
        try:
            return process.communicate(timeout=min(LOOK, max(0.0, limit - passed)))
        except subprocess.TimeoutExpired:
            if time.monotonic() - began >= limit:
                raise


def _end(process: subprocess.Popen[str]) -> None:
    """Let a part that still runs end its servers and remove its files, and then end what is left of its group."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=TO_END)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _said(errors: str) -> str:
    """What a process said last that is worth repeating: the innermost error of a group."""
    lines = [line.strip(" |+-") for line in errors.splitlines()]
    named = [line for line in lines if re.match(r"[\w.]+(Error|Failed|Exception|Unavailable)\b(?!Group)", line)]
    return next(iter(reversed(named or [line for line in lines if line])), "")
