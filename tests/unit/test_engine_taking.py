"""Turns that begin without waiting in the queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.database import connect
from adapters.engine.admission import Submission
from adapters.engine.dbos import DbosEngine
from adapters.engine.taking import alone
from bot.clock import ManualClock
from bot.conversation.engine import Steps
from tests.support.databases import OnPostgres


@pytest.fixture
def began() -> list[str]:
    return []


@pytest.fixture
def held() -> asyncio.Event:
    """Turns go on while it is set."""
    event = asyncio.Event()
    event.set()
    return event


@pytest.fixture
async def unlooked(tmp_path: Path, began: list[str], held: asyncio.Event) -> AsyncIterator[DbosEngine]:
    """An engine in which nobody looks at the queue any more."""

    async def work(turn_id: str, steps: Steps) -> None:
        began.append(turn_id)
        await held.wait()

    engine = DbosEngine(f"sqlite:///{tmp_path}/engine.sqlite", ManualClock(), concurrency=1)
    await engine.start(work)
    assert engine._session is not None
    assert engine._session._looking is not None
    engine._session.bell.set()
    await engine._session.ask(engine._session._looking.join)
    yield engine
    await engine.stop(5)


async def test_a_turn_alone_in_its_conversation_needs_no_look_at_the_queue(
    unlooked: DbosEngine, began: list[str]
) -> None:
    for turn_id in ("t1", "t2"):
        assert await unlooked.submit(turn_id, "c1")
        await unlooked.finished(turn_id)
    assert began == ["t1", "t2"]
    assert not await unlooked.submit("t1", "c1")


async def test_what_comes_while_as_many_run_as_may_waits_in_the_queue(
    unlooked: DbosEngine, began: list[str], held: asyncio.Event
) -> None:
    held.clear()
    await unlooked.submit("t1", "c1")
    while not began:  # noqa: ASYNC110 - begun by DBOS
        await asyncio.sleep(0.001)
    assert await unlooked.submit("t2", "c2")
    held.set()
    await unlooked.finished("t1")
    assert await unlooked._waiting("t2")
    assert began == ["t1"]


class TestOneProcessAtATime(OnPostgres):
    @pytest.fixture
    def database(self, url: str) -> Iterator[sa.Engine]:
        engine = connect(url, connections=2, survive_power_cut=False)
        yield engine
        engine.dispose()

    def test_queues_a_turn_of_a_conversation(self, database: sa.Engine) -> None:
        with database.begin() as one, database.begin() as other:
            other.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
            alone(one, [Submission("t1", "ann", 0.0), Submission("t2", "ben", 0.0), Submission("t3", "ann", 0.0)])
            alone(other, [Submission("t4", "cleo", 0.0)])
            with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
                alone(other, [Submission("t5", "ben", 0.0)])
            other.rollback()
        with database.begin() as other:
            alone(other, [Submission("t5", "ben", 0.0)])
