"""CPU of a turn by stage: what is computed (screen, route, decide), and what keeping and queueing add to it.

The first three are timed where they are called. Store and engine work in threads of their own, so they are told by
difference: the same conversations in memory, with sealed SQLite files, and with DBOS beside those.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import wraps
from typing import ParamSpec, TypeVar

import pytest

from adapters.engine.inline import InlineEngine
from bot.assembly.measuring import CONVERSATION
from bot.assembly.stores import Stores, in_sql
from bot.clock import SystemClock
from bot.conversation import crisis, runner
from bot.conversation.turn import advance
from bot.policy.locate import Locator
from bot.risk.screen import findings_safely
from tests.support.bench.figures import Figure, Found, Scale
from tests.support.bench.inside import Deployment, Town, deployed, serving

P = ParamSpec("P")
R = TypeVar("R")
TOGETHER = 16


async def measure(scale: Scale) -> Found:
    people = scale.of(150, 10)
    with deployed("memory") as place, pytest.MonkeyPatch.context() as patch:
        spent: dict[str, float] = defaultdict(float)
        patch.setattr(crisis, "findings_safely", _timed("screen", findings_safely, spent))
        patch.setattr(runner, "advance", _timed("decide", advance, spent))
        patch.setattr(Locator, "locate", _timed("route", Locator.locate, spent))
        whole = await _turn(place, None, people, spent.clear)
        computed = {name: 1000 * seconds / (people * len(CONVERSATION)) for name, seconds in spent.items()}
    with deployed("sqlite") as place:
        async with _without_engine(place) as kept:
            stored = await _turn(place, kept, people)
    with deployed("sqlite") as place:
        durable = await _turn(place, None, people)
    screen, route, decide = computed["screen"], computed["route"], computed["decide"] - computed["route"]
    return Found(
        (
            Figure("screen", screen, "ms"),
            Figure("route", route, "ms"),
            Figure("decide", decide, "ms", note="read the reply, weigh, ask or write"),
            Figure("claim, queue, say", whole - screen - route - decide, "ms", note="all else in memory"),
            Figure("seal and store", stored - whole, "ms", note="SQLite, a commit that waits for the disk"),
            Figure("engine", durable - stored, "ms", note="DBOS on SQLite"),
            Figure("a whole turn, in memory", whole, "ms"),
            Figure("a whole turn, durable", durable, "ms"),
        )
    )


async def _turn(place: Deployment, kept: Stores | None, people: int, warm: Callable[[], None] = lambda: None) -> float:
    """CPU milliseconds of a turn, all threads. ``warm`` is called when everything is ready."""
    town = Town()
    async with serving(place.settings, town, kept=kept) as app:
        warm()
        before = time.process_time()
        await town.talk_together(app, people, TOGETHER, CONVERSATION)
        return 1000 * (time.process_time() - before) / (people * len(CONVERSATION))


@asynccontextmanager
async def _without_engine(place: Deployment) -> AsyncIterator[Stores]:
    async with in_sql(place.settings, SystemClock()) as kept:
        yield replace(kept, engine=InlineEngine(), replicas=None)


def _timed(name: str, work: Callable[P, R], spent: dict[str, float]) -> Callable[P, R]:
    @wraps(work)
    def timed(*args: P.args, **kwargs: P.kwargs) -> R:
        began = time.thread_time()
        try:
            return work(*args, **kwargs)
        finally:
            spent[name] += time.thread_time() - began

    return timed
