"""How ``raise-bot penguin run`` holds up: 7,000 scenarios in 3 modes, killed outright three times and gone on with.

``python -m tests.support.penguin_throughput --scenarios 7000 --concurrency 16`` starts a model server with the
simulated model and judge in a process of its own, measures made-up scenarios against it with the real command, kills
the command (SIGKILL) after each quarter of the calls, and prints one JSON object.

``used`` is the mean number of requests the server worked on, sampled there every 20 ms, over the concurrency allowed:
from the first request of each life of the command to its last. ``used_of_command`` counts what the command does before
its first request too (``seconds_to_first_request``, by life). ``cpu_ms_per_call`` is what the command computes, and
``load`` what else runs on this machine: with more than its processors' worth of it the other figures say little.
``answered`` counts every request and ``different`` every prompt: what is ``asked_again`` was under way when the command
was killed (at most ``under_way_at_kills``), and nobody has its answer; more than that would be ``paid_twice``.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.policy.folder import find_folder
from bot.policy.loader import load
from tests.support.models.server import ModelServer
from tests.support.models.wire import Call
from tests.support.penguin_models import Simulated
from tests.support.processes import processor, resident

MODES = "context-free,context-rich,raise"


async def serve(latency: float) -> None:
    """Until the standard input ends. Each line of it is answered with the figures so far, and begins another life."""
    labels = {each.label: name for name, each in load(find_folder(None)).defaults.attributes.items()}
    simulated, asked = Simulated(labels), Counter[bytes]()
    busy: list[tuple[float, int]] = []

    def reply(call: Call) -> str:
        asked[hashlib.blake2s(json.dumps([call.model, call.system, call.messages]).encode()).digest()] += 1
        return simulated(call)

    async with ModelServer(reply, latency=latency) as server:
        print(json.dumps(server.environment), flush=True)
        loop = asyncio.get_running_loop()

        async def sample() -> None:
            while True:
                busy.append((time.monotonic(), server.running))
                await asyncio.sleep(0.02)

        sampling = asyncio.create_task(sample())
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            told = {"answered": asked.total(), "different": len(asked), "peak": server.peak}
            if line.strip() == "life":
                times = [at for at, running in busy if running]
                active = [running for at, running in busy if times and times[0] <= at <= times[-1]]
                told |= {"first": times[0] if times else 0.0, "last": times[-1] if times else 0.0}
                told |= {"mean": sum(active) / max(1, len(active)), "samples": len(active)}
                busy.clear()
            print(json.dumps(told), flush=True)
        sampling.cancel()


class Server:
    """The server's process."""

    def __init__(self, latency: float) -> None:
        command = [sys.executable, "-m", "tests.support.penguin_throughput", "--serve", "--latency", str(latency)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.environment: dict[str, str] = self._line()

    def _line(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def figures(self, line: str = "") -> dict[str, float]:
        """So far; with the line ``life`` those of a life of the command, which then are forgotten."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        told: dict[str, float] = self._line()
        return told

    def end(self) -> None:
        self._process.communicate()


@dataclass(frozen=True, slots=True)
class Life:
    """One process of the command: ``start`` seconds to its first request, then ``seconds`` at ``mean`` requests;
    ``cpu`` seconds of the whole, ``memory`` in MB at most."""

    start: float
    seconds: float
    mean: float
    cpu: float
    memory: float
    killed: bool
    told: str


def live(command: list[str], server: Server, until: float | None) -> Life:
    """Run the command; kill it when the server has answered ``until``."""
    began, memory, cpu, killed = time.monotonic(), 0.0, 0.0, False
    runner = subprocess.Popen(command, env={**os.environ, **server.environment}, stdout=subprocess.PIPE, text=True)
    while runner.poll() is None:
        memory, cpu = max(memory, resident(runner.pid)), max(cpu, processor(runner.pid))
        if until is not None and not killed and server.figures()["answered"] >= until:
            runner.kill()
            killed = True
        time.sleep(0.2)
    assert runner.stdout is not None
    told = runner.stdout.read()
    if runner.returncode not in (0, -9):
        raise RuntimeError(f"the command ended with {runner.returncode}")
    seen = server.figures("life")
    return Life(seen["first"] - began, seen["last"] - seen["first"], seen["mean"], cpu, memory, killed, told)


def measure(options: argparse.Namespace) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        data, state = Path(folder) / "scenarios.jsonl", Path(folder) / "state"
        main = [sys.executable, "-m", "bot.cli.main", "penguin"]
        began = time.monotonic()
        subprocess.run([*main, "generate", "--out", str(data), "--count", str(options.scenarios)], check=True)
        generated = time.monotonic() - began
        server = Server(options.latency)
        command = [*main, "run", "--data", str(data), "--state", str(state), "--modes", MODES, "--check", "0"]
        command += ["--model", "openai", "--concurrency", str(options.concurrency), "--json"]
        expected = options.scenarios * 3 * 2
        lives: list[Life] = []
        while not lives or lives[-1].killed:
            kill = len(lives) < options.kills
            lives.append(live(command, server, expected * (len(lives) + 1) / (options.kills + 1) if kill else None))
        figures = server.figures()
        report, run = Path(folder) / "report.html", state / "penguin" / "scenarios"
        told = live([*main, "report", str(run), "--html", str(report)], server, None)
        again = live(command, server, None)
        asked_again = figures["answered"] - figures["different"]
        asked_when_done = server.figures()["answered"] - figures["answered"]
        server.end()
        results = (run / "results.jsonl").read_text(encoding="utf-8").count("\n")
    under_way = options.kills * options.concurrency
    active = sum(each.seconds for each in lives)
    used = sum(each.mean * each.seconds for each in lives) / active / options.concurrency
    return {
        "scenarios": options.scenarios,
        "results": results,
        "concurrency": options.concurrency,
        "latency": options.latency,
        "kills": sum(each.killed for each in lives),
        "answered": figures["answered"],
        "different": figures["different"],
        "asked_again": asked_again,
        "under_way_at_kills": under_way,
        "paid_twice": max(0, asked_again - under_way),
        "asked_by_a_run_of_what_is_done": asked_when_done,
        "used": round(used, 4),
        "used_by_life": [round(each.mean / options.concurrency, 4) for each in lives],
        "used_of_command": round(used * active / (active + sum(each.start for each in lives)), 4),
        "seconds_to_first_request": [round(each.start, 1) for each in lives],
        "cpu_ms_per_call": round(1000 * sum(each.cpu for each in lives) / figures["answered"], 2),
        "cpu_seconds_when_done": round(again.cpu, 1),
        "load": [round(each, 2) for each in os.getloadavg()],
        "peak_at_server": figures["peak"],
        "seconds": round(active + sum(each.start for each in lives), 1),
        "memory_mb": round(max(each.memory for each in lives), 1),
        "generate_seconds": round(generated, 1),
        "report_cpu_seconds": round(told.cpu, 1),
        "report_memory_mb": round(told.memory, 1),
        "manifest_sessions": len(json.loads(lives[-1].told)["sessions"]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure PENGUIN runs against a local model server.")
    parser.add_argument("--serve", action="store_true", help="be the server")
    parser.add_argument("--latency", type=float, default=0.2, help="seconds before every answer (0.2)")
    parser.add_argument("--scenarios", type=int, default=7000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=16)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.latency))
    else:
        print(json.dumps(measure(options)))


if __name__ == "__main__":
    main()
