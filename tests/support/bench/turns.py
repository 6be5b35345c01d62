"""Turns: how many a second, how long one takes at half of that, and what it costs, by engine and database."""

from __future__ import annotations

import time

import psycopg
import pytest

from bot.assembly import models
from bot.assembly.measuring import CONVERSATION
from bot.clock import SystemClock
from bot.settings import Settings
from bot.telemetry.logs import silent
from tests.support.bench.figures import Figure, Found, Scale, waits
from tests.support.bench.inside import ERRAND, Deployment, Town, deployed, serving
from tests.support.bench.model import Timed, model_server
from tests.support.processes import processor_of_family, resident

ADDED_MS = 100.0
LATENCY = 0.2
"""Seconds that the model takes to its first piece."""
TOGETHER = 64
AT_ONCE = 100


async def measure(kind: str, scale: Scale) -> Found:
    """``kind``: one of ``inside.DEPLOYMENTS``."""
    with deployed(kind) as place:
        figures = await _conversations(place, scale)
    with deployed(kind) as place, model_server(LATENCY) as environment, pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return Found((*figures, *await _first_words(place, scale)))


async def _conversations(place: Deployment, scale: Scale) -> tuple[Figure, ...]:
    """Short conversations of four turns (a hard question, a choice, a reply, an errand), answered from templates."""
    town, people = Town(), scale.of(150, 10)
    async with serving(place.settings, town) as app:
        before, database, room = time.process_time(), _database(place), _kilobytes(place)
        seconds = await town.talk_together(app, people, TOGETHER, CONVERSATION)
        spent, theirs = time.process_time() - before, _database(place) - database
        kept = _kilobytes(place) - room
    turns = people * len(CONVERSATION)
    return (
        Figure("turns", turns / seconds, "a second", note=f"{people} people, {TOGETHER} at once, no model"),
        Figure("CPU of a turn", 1000 * spent / turns, "ms", note="all threads of the process"),
        Figure("memory of the process", resident(), "MB"),
        *(
            (
                Figure("CPU of PostgreSQL for a turn", 1000 * theirs / turns, "ms"),
                Figure("database for each person", kept / people, "KB", note="after four turns, with indexes"),
            )
            if place.database
            else ()
        ),
    )


async def _first_words(place: Deployment, scale: Scale) -> tuple[Figure, ...]:
    """One errand each, answered by a model of 0.2 s through its SDK: first as many as it can, then half as many."""
    model = models.provider(Settings(provider="openai"), SystemClock(), silent())
    town, people = Town(), scale.of(400, 20)
    async with serving(place.settings, town, Timed(model)) as app:
        rate = people / await town.talk_together(app, people, scale.of(AT_ONCE, 10), (ERRAND,))
        half = await town.come(app, rate / 2, scale.of(8, 1), ERRAND)
    return (
        Figure(
            "turns with a model of 0.2 s", rate, "a second", note=f"{people} people, OpenAI's SDK, {AT_ONCE} at once"
        ),
        *waits("at half load, added before the first word", half.added, {"p95": ADDED_MS}),
        *waits("at half load, to the first word", half.first),
        Figure("sent again", town.sent_again, "messages", note="the ledger did not answer within 2 s"),
    )


def _database(place: Deployment) -> float:
    return 0.0 if place.database is None else processor_of_family(place.database)


def _kilobytes(place: Deployment) -> float:
    """What PostgreSQL's tables and indexes take on disk."""
    if place.database is None:
        return 0.0
    with psycopg.connect(place.settings.database_url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return float(row[0]) / 1024
