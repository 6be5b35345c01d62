"""The bot against the floor: slack-bolt and an SDK alone, on the same machine, with the same model, in the same run."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.support.bench import echo
from tests.support.bench.figures import Figure, Found, Scale, quantile, waits
from tests.support.bench.model import model_server
from tests.support.bench.outside import Street, street
from tests.support.processes import resident

LATENCY = 0.2
TOGETHER = 100


@dataclass(frozen=True, slots=True)
class _Side:
    """What one of the two does: turns a second, CPU seconds a turn, megabytes, seconds to the first word."""

    turns: float
    cpu: float
    memory: float
    first: list[float]


async def measure(scale: Scale) -> Found:
    people, seconds = scale.of(300, 10), scale.of(8, 1)
    with model_server(LATENCY) as environment, tempfile.TemporaryDirectory(prefix="raise-bench-") as folder:
        async with street(Path(folder) / "state", {**environment, "RAISE_PROVIDER": "openai"}) as here:
            bot = await _side(here, people, seconds)
        async with street(Path(folder), environment, command=echo.TURNS) as here:
            low = await _side(here, people, seconds, bot.turns / 2)
    note = f"model of {LATENCY:g} s, {people} people, {TOGETHER} at once"
    by_chance = f"{bot.turns / 2:.1f} people a second"
    return Found(
        (
            Figure("bot, turns", bot.turns, "a second", note=f"{note}; DBOS on SQLite"),
            Figure("floor, turns", low.turns, "a second", note=note),
            Figure("turns, bot to floor", bot.turns / low.turns, "times"),
            Figure("bot, CPU of a turn", 1000 * bot.cpu, "ms"),
            Figure("floor, CPU of a turn", 1000 * low.cpu, "ms"),
            Figure("CPU of a turn, bot to floor", bot.cpu / low.cpu, "times"),
            *waits("bot, to the first word", bot.first, note=by_chance),
            *waits("floor, to the first word", low.first, note=by_chance),
            Figure("first word p50, bot to floor", quantile(bot.first, 0.5) / quantile(low.first, 0.5), "times"),
            Figure("first word p95, bot to floor", quantile(bot.first, 0.95) / quantile(low.first, 0.95), "times"),
            Figure("bot, memory", bot.memory, "MB"),
            Figure("floor, memory", low.memory, "MB"),
            Figure("memory, bot to floor", bot.memory / low.memory, "times"),
        )
    )


async def _side(here: Street, people: int, seconds: float, rate: float | None = None) -> _Side:
    """``rate``: people a second who come by chance; half of what this one can without."""
    before = here.spent()
    took, _ = await here.together(people, TOGETHER)
    spent = here.spent() - before
    arrivals = await here.come(rate or people / took / 2, seconds)
    first = [each.first - each.at for each in arrivals]
    return _Side(people / took, spent / people, sum(resident(bot.pid) for bot in here.bots), first)
