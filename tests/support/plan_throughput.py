"""How much of a model server's concurrency ``raise-bot plan`` uses, and whether its memory stays flat.

``python -m tests.support.plan_throughput --queries 1000 --budget 40 --concurrency 32`` starts a model server that
answers in 200 ms in a process of its own, plans made-up queries against it with the real command, and prints one JSON
object. ``used`` is the mean number of requests the server was working on, sampled there every 20 ms from the first
request to the last, over the concurrency allowed; ``used_of_command`` counts the command's own start and end as well.
``memory_mb`` is the command's resident memory at each tenth of the run, ``cpu_ms_per_call`` what it computes for each.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.models.server import ModelServer
from tests.support.models.wire import Call
from tests.support.processes import processor, resident

_TOLD = re.compile(r"What they told about themselves:\n<data>\n(.*?)\n</data>", re.DOTALL)
_THEMES = ("sleep", "rent", "exams", "a breakup", "my boss", "a diagnosis", "loneliness", "debt", "moving", "my mother")


def reply(call: Call) -> str:
    """Scores that grow with what the answer was written from, with some noise; every answer is a different one."""
    if call.schema is None:
        told = _TOLD.search(call.last)
        known = len(told.group(1).splitlines()) if told else 0
        return f"Facts used: {known}. Take one small step today ({random.random():.12f}). " + "I am listening. " * 20
    names = call.schema["properties"]
    if "ratings" in names:
        listed = re.findall(r"^- (\w+) \(", call.last, re.MULTILINE)
        return json.dumps({"ratings": [{"attribute": name, "weight": random.randint(5, 95)} for name in listed]})
    known = int(found.group(1)) if (found := re.search(r"Facts used: (\d+)", call.last)) else 0
    return json.dumps({name: min(5, max(1, round(random.gauss(2.6 + 0.5 * known, 0.6)))) for name in names})


async def serve(latency: float) -> None:
    """Until the standard input ends; then says how busy it was, from the first request to the last."""
    loop = asyncio.get_running_loop()
    ended = loop.run_in_executor(None, sys.stdin.read)
    busy: list[int] = []
    async with ModelServer(reply, latency=latency) as server:
        print(json.dumps(server.environment), flush=True)
        while not ended.done():
            busy.append(server.running)
            await asyncio.sleep(0.02)
    first = next((place for place, each in enumerate(busy) if each), 0)
    last = max((place for place, each in enumerate(busy) if each), default=0)
    active = busy[first : last + 1]
    mean = sum(active) / max(1, len(active))
    print(json.dumps({"mean": mean, "peak": server.peak, "served": sum(server.served.values())}), flush=True)


def measure(options: argparse.Namespace) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        queries = Path(folder) / "queries.jsonl"
        domains = ("life", "education", "relationship", "health", "social", "financial", "career")
        rows = (
            {"query": f"Case {number}: what about {_THEMES[number % 10]}?", "scenario": domains[number % 7]}
            for number in range(options.queries)
        )
        queries.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.support.plan_throughput", "--serve", "--latency", str(options.latency)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdin is not None
        assert server.stdout is not None
        environment = {**os.environ, **json.loads(server.stdout.readline())}
        command = [
            sys.executable,
            "-m",
            "bot.cli.main",
            "plan",
            "--queries",
            str(queries),
            "--state",
            f"{folder}/state",
        ]
        command += ["--budget", str(options.budget), "--profiles", str(options.profiles), "--model", options.model]
        command += ["--concurrency", str(options.concurrency), "--strategy", options.strategy, "--json"]
        began = time.monotonic()
        planner = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        memory: list[float] = []
        cpu = 0.0
        while planner.poll() is None:
            memory.append(resident(planner.pid))
            cpu = max(cpu, processor(planner.pid))
            time.sleep(0.5)
        seconds = time.monotonic() - began
        assert planner.stdout is not None
        manifest = json.loads(planner.stdout.read())
        told, _ = server.communicate("")
        busy = json.loads(told)
    tenths = [memory[min(len(memory) - 2, len(memory) * tenth // 10)] for tenth in range(1, 11)]
    return {
        "queries": options.queries,
        "budget": options.budget,
        "concurrency": options.concurrency,
        "plans": manifest["plans"]["planned"],
        "calls": busy["served"],
        "used": round(busy["mean"] / options.concurrency, 4),
        "used_of_command": round(busy["served"] * options.latency / options.concurrency / seconds, 4),
        "peak_at_server": busy["peak"],
        "seconds": round(seconds, 1),
        "cpu_ms_per_call": round(1000 * cpu / max(1, busy["served"]), 2),
        "memory_mb": [round(each, 1) for each in tenths],
        "planned_usd": manifest["spent"]["usd"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure planning against a local model server.")
    parser.add_argument("--serve", action="store_true", help="be the server")
    parser.add_argument("--latency", type=float, default=0.2, help="seconds before every answer (0.2)")
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--budget", type=int, default=40)
    parser.add_argument("--profiles", type=int, default=1)
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--strategy", default="lattice")
    parser.add_argument("--model", default="openai")
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.latency))
    else:
        print(json.dumps(measure(options)))


if __name__ == "__main__":
    main()
