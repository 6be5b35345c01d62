"""How fast events are acknowledged in HTTP mode: ``python -m tests.support.slack.acks [--rate 1000] [--seconds 5]``.

The app runs in a process of its own; this process is Slack: it sends signed events at the given rate, open-loop, and
takes the time until each is acknowledged. ``--core`` puts the real core behind it, durable in SQLite (``--state DIR``);
else the intake only counts. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.chat import Inbound, Receipt
from tests.support.slack import payloads
from tests.support.slack.doors import sign
from tests.support.slack.model import Post, Workspace
from tests.support.slack.server import Server

_USERS = 200


class Counting:
    """An intake that claims everything and does nothing."""

    def __init__(self) -> None:
        self.accepted = 0

    async def accept(self, inbound: Inbound) -> Receipt:
        self.accepted += 1
        return Receipt(inbound.turn_id)

    async def finished(self, turn_id: str) -> None:
        return


async def serve(base: str, state: str) -> None:
    """The process under measurement: prints its port, then serves until its input ends."""
    from bot.assembly.application import application
    from bot.clock import SystemClock
    from bot.settings import Settings
    from bot.telemetry.events import Telemetry
    from tests.support.slack.bot import Heard, make_app

    server = Server(Workspace())
    server._address = base.split("/")[2]
    app = make_app(server, "http")
    async with AsyncExitStack() as stack:
        if state:
            core = application(
                Settings(state=Path(state)),
                [app.platform],
                clock=SystemClock(),
                telemetry=Telemetry(lambda event, fields: None),
            )
            intake: Any = (await stack.enter_async_context(core)).intake
        else:
            intake = Counting()
        await stack.enter_async_context(app.run(Heard().ears(intake)))
        site = web.Application()
        site.add_routes(app.routes())
        runner = web.AppRunner(site, access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.to_thread(sys.stdin.read)


async def measure(rate: float, seconds: float, state: str) -> dict[str, object]:
    workspace = Workspace()
    for number in range(_USERS):
        workspace.add_member(f"U{number}")
        workspace.direct(f"U{number}")
    async with Server(workspace).running() as server:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.slack.acks", "--serve", server.base(), "--state", state,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stdin is not None
        port = int(await process.stdout.readline())
        try:
            times = await knock(f"http://127.0.0.1:{port}/slack/events", workspace, rate, seconds)
        finally:
            process.stdin.close()
            await process.wait()
    return report(times, rate, seconds)


async def knock(url: str, workspace: Workspace, rate: float, seconds: float) -> list[float]:
    """Seconds until each acknowledgement; infinite for those that were refused."""
    times: list[float] = []
    requests = [prepared(workspace, number) for number in range(int(rate * seconds))]
    connector = aiohttp.TCPConnector(limit=400)
    async with aiohttp.ClientSession(connector=connector) as session:
        for number in range(_USERS):  # locales are asked once a day; here before the clock starts
            await send(session, url, prepared(workspace, number), [])
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number, request in enumerate(requests):
                delay = began + number / rate - time.perf_counter()
                if delay > 0.001:
                    await asyncio.sleep(delay)
                group.create_task(send(session, url, request, times))
    return times


def prepared(workspace: Workspace, number: int) -> tuple[str, dict[str, str]]:
    user = f"U{number % _USERS}"
    post = Post(workspace.ts(), f"D{user}", user, "set a timer for ten minutes please")
    body = json.dumps(payloads.event(workspace, payloads.message(workspace, workspace.put(post))))
    return body, {**sign(body), "Content-Type": "application/json"}


async def send(
    session: aiohttp.ClientSession, url: str, request: tuple[str, dict[str, str]], times: list[float]
) -> None:
    began = time.perf_counter()
    async with session.post(url, data=request[0], headers=request[1]) as answer:
        await answer.read()
        times.append(time.perf_counter() - began if answer.status == 200 else float("inf"))


def report(times: list[float], rate: float, seconds: float) -> dict[str, object]:
    ordered = sorted(times)
    at = lambda share: round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 4)  # noqa: E731
    return {
        "rate": rate,
        "seconds": seconds,
        "acknowledged": sum(each != float("inf") for each in times),
        "refused": sum(each == float("inf") for each in times),
        "p50_s": at(0.5),
        "p95_s": at(0.95),
        "p99_s": at(0.99),
        "max_s": round(ordered[-1], 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, default=1000.0)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--state", default="", help="a folder: the real core, durable in SQLite")
    parser.add_argument("--serve", default="", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        asyncio.run(serve(args.serve, args.state))
    else:
        print(json.dumps(asyncio.run(measure(args.rate, args.seconds, args.state))))


if __name__ == "__main__":
    main()
