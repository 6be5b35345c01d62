"""How soon interactions are acknowledged, and heartbeats sent, while 200 turns run: ``python -m
tests.support.discord.measure``.

Everything runs on one event loop (test server, discord.py, the real core in memory), so the figures are on the high
side. Turns stream an answer word by word for as long as it is measured.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator

from bot.assembly.application import application
from bot.clock import SystemClock
from bot.errors import ProviderUnavailable
from bot.llm import Chunk, Prompt, Reply, Structured, Usage
from bot.llm.provider import Shape
from bot.private import Private
from bot.settings import Settings
from bot.telemetry.events import Telemetry
from tests.support.discord.bot import Heard, make_app, running
from tests.support.discord.model import World
from tests.support.discord.people import User
from tests.support.discord.server import Server
from tests.support.discord.world import CHANNEL, GUILD
from tests.support.policies import rulebook

TURNS, PRESSES = 200, 500


class Endless:
    """A model that goes on until told to stop."""

    name = "endless"

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.running = 0

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        self.running += 1
        text = ""
        while not self.stop.is_set():
            text += "word "
            yield Chunk(Private("word "))
            await asyncio.sleep(0.05)
        yield Reply(Private(text), self.name, Usage(0, 0))

    async def complete(self, prompt: Prompt) -> Reply:
        raise ProviderUnavailable("only streams are measured")

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        raise ProviderUnavailable("only streams are measured")

    async def close(self) -> None:
        return


async def measure() -> None:
    clock = SystemClock()
    world = World(clock)
    world.channel(CHANNEL, GUILD)
    server, model = Server(world, heartbeat=0.2), Endless()
    async with server.running():
        discord = make_app(server, clock=clock)
        core = application(
            Settings(),
            [discord.platform],
            clock=clock,
            telemetry=Telemetry(lambda event, fields: None),
            provider=model,
            rulebook=rulebook(model_reads=False),
        )
        async with core as app, running(server, discord, Heard(), app.intake):
            for number in range(TURNS):
                await User(server, 8_000 + number).says("what is the capital of Portugal?")
            await world.until(lambda: model.running >= TURNS)
            beats, started = server.gateway.beats, time.perf_counter()
            took = [await _press(User(server, 9_000 + number % 100)) for number in range(PRESSES)]
            lasted = time.perf_counter() - started
            beats = server.gateway.beats - beats
            model.stop.set()
    took.sort()
    print(f"{TURNS} turns running, {PRESSES} interactions: deferred after {_ms(took, 50)} (p50), "
          f"{_ms(took, 95)} (p95), {_ms(took, 99)} (p99), {took[-1] * 1000:.0f} ms (worst)")  # fmt: skip
    print(f"heartbeats asked for every 200 ms: {beats} in {lasted:.1f} s, one every {lasted / max(beats, 1):.2f} s")


async def _press(user: User) -> float:
    started = time.perf_counter()
    made = await user.commands("privacy show", CHANNEL)
    await user.world.until(lambda: made.state != "open")
    return time.perf_counter() - started


def _ms(took: list[float], percent: int) -> str:
    return f"{took[len(took) * percent // 100] * 1000:.0f} ms"


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    asyncio.run(measure())
