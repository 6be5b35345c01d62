"""How ``raise-bot penguin run`` holds up: 7,000 scenarios in 3 modes, killed outright three times and gone on with.

``python -m tests.support.penguin_throughput --scenarios 7000 --concurrency 32`` starts a model server with the
simulated model and judge in a process of its own, measures made-up scenarios against it with the real command, kills
the command (SIGKILL) after each quarter of the calls, and prints one JSON object. ``used`` is the mean number of
requests the server worked on while the command was calling, over the concurrency allowed. ``answered`` counts every
request and ``different`` every prompt: what is ``asked_again`` was under way when the command was killed (at most
``under_way_at_kills``), and nobody has its answer; more than that would be ``paid_twice``.
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
from pathlib import Path

from bot.policy.folder import find_folder
from bot.policy.loader import load
from tests.support.models.server import ModelServer
from tests.support.models.wire import Call
from tests.support.penguin_models import Simulated
from tests.support.processes import resident

MODES = "context-free,context-rich,raise"


async def serve(latency: float) -> None:
    """Until the standard input ends. Each line of it is answered with the figures so far."""
    labels = {each.label: name for name, each in load(find_folder(None)).defaults.attributes.items()}
    simulated, asked = Simulated(labels), Counter[bytes]()
    busy: list[int] = []

    def reply(call: Call) -> str:
        asked[hashlib.blake2s(json.dumps([call.model, call.system, call.messages]).encode()).digest()] += 1
        return simulated(call)

    async with ModelServer(reply, latency=latency) as server:
        print(json.dumps(server.environment), flush=True)
        loop = asyncio.get_running_loop()

        async def sample() -> None:
            while True:
                busy.append(server.running)
                await asyncio.sleep(0.02)

        sampling = asyncio.create_task(sample())
        while await loop.run_in_executor(None, sys.stdin.readline):
            told = {"answered": asked.total(), "different": len(asked), "peak": server.peak, "busy": sum(busy)}
            print(json.dumps({**told, "samples": sum(each > 0 for each in busy)}), flush=True)
        sampling.cancel()


class Server:
    """The server's process."""

    def __init__(self, latency: float) -> None:
        command = [sys.executable, "-m", "tests.support.penguin_throughput", "--serve", "--latency", str(latency)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.environment: dict[str, str] = self._line()

    def _line(self) -> dict[str, str]:
        assert self._process.stdout is not None
        told: dict[str, str] = json.loads(self._process.stdout.readline())
        return told

    def figures(self) -> dict[str, int]:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return {name: int(value) for name, value in self._line().items()}

    def end(self) -> None:
        self._process.communicate()


def measure(options: argparse.Namespace) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        data, state = Path(folder) / "scenarios.jsonl", Path(folder) / "state"
        main = [sys.executable, "-m", "bot.cli.main", "penguin"]
        began = time.monotonic()
        subprocess.run([*main, "generate", "--out", str(data), "--count", str(options.scenarios)], check=True)
        generated = time.monotonic() - began
        server = Server(options.latency)
        environment = {**os.environ, **server.environment}
        command = [*main, "run", "--data", str(data), "--state", str(state), "--modes", MODES, "--check", "0"]
        command += ["--model", "openai", "--concurrency", str(options.concurrency), "--json"]
        expected = options.scenarios * 3 * 2
        memory, kills, seconds, told = 0.0, 0, 0.0, ""
        while not told:
            began = time.monotonic()
            runner = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
            while runner.poll() is None:
                memory = max(memory, resident(runner.pid))
                time.sleep(0.5)
                share = server.figures()["answered"] / expected
                if kills < options.kills and share >= (kills + 1) / (options.kills + 1):
                    runner.kill()
                    kills += 1
            seconds += time.monotonic() - began
            assert runner.stdout is not None
            told = runner.stdout.read()
            if runner.returncode not in (0, -9):
                raise RuntimeError(f"the command ended with {runner.returncode}")
        figures = server.figures()
        report = Path(folder) / "report.html"
        began = time.monotonic()
        writer = subprocess.Popen([*main, "report", str(state / "penguin" / "scenarios"), "--html", str(report)])
        report_memory = 0.0
        while writer.poll() is None:
            report_memory = max(report_memory, resident(writer.pid))
            time.sleep(0.2)
        reported = time.monotonic() - began
        asked_again = figures["answered"] - figures["different"]
        before = environment, server.figures()["answered"]
        subprocess.run(command, env=before[0], stdout=subprocess.DEVNULL, check=True)
        again = server.figures()["answered"] - before[1]
        server.end()
        results = (state / "penguin" / "scenarios" / "results.jsonl").read_text(encoding="utf-8").count("\n")
    under_way = options.kills * options.concurrency
    return {
        "scenarios": options.scenarios,
        "results": results,
        "concurrency": options.concurrency,
        "latency": options.latency,
        "kills": kills,
        "answered": figures["answered"],
        "different": figures["different"],
        "asked_again": asked_again,
        "under_way_at_kills": under_way,
        "paid_twice": max(0, asked_again - under_way),
        "asked_by_a_run_of_what_is_done": again,
        "used": round(figures["busy"] / max(1, figures["samples"]) / options.concurrency, 4),
        "peak_at_server": figures["peak"],
        "seconds": round(seconds, 1),
        "memory_mb": round(memory, 1),
        "generate_seconds": round(generated, 1),
        "report_seconds": round(reported, 1),
        "report_memory_mb": round(report_memory, 1),
        "manifest_sessions": len(json.loads(told)["sessions"]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure PENGUIN runs against a local model server.")
    parser.add_argument("--serve", action="store_true", help="be the server")
    parser.add_argument("--latency", type=float, default=0.2, help="seconds before every answer (0.2)")
    parser.add_argument("--scenarios", type=int, default=7000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=32)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.latency))
    else:
        print(json.dumps(measure(options)))


if __name__ == "__main__":
    main()
