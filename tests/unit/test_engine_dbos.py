"""What the durable engine adds to the contract: what it leaves in its tables, and what it says when it cannot serve."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.engine.dbos import DbosEngine
from adapters.engine.dbos_session import StepFailed, TurnJson
from bot.clock import ManualClock
from bot.conversation.engine import Steps
from bot.errors import SettingsError, StoreUnavailable
from tests.support.people import DAY

CANARY = "canary-of-a-person"


async def work(turn_id: str, steps: Steps) -> None:
    async def step() -> str:
        return "ok"

    await steps.run("step", step)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "engine.sqlite"


@pytest.fixture
def build(file: Path) -> Callable[[], DbosEngine]:
    return lambda: DbosEngine(f"sqlite:///{file}", ManualClock(), pauses=())


@pytest.fixture
async def engine(build: Callable[[], DbosEngine]) -> AsyncIterator[DbosEngine]:
    engine = build()
    await engine.start(work)
    yield engine
    await engine.stop(5)


def rows(file: Path, table: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(file) as connection:
        return connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - names of tables from this test


async def test_conversations_and_errors_leave_no_words_behind(build: Callable[[], DbosEngine], file: Path) -> None:
    async def failing(turn_id: str, steps: Steps) -> None:
        async def step() -> str:
            raise ValueError(CANARY)

        await steps.run("step", step)

    engine = build()
    await engine.start(failing)
    await engine.submit("t1", CANARY)
    await engine.finished("t1")
    await engine.stop(5)
    kept = b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert b"t1" in kept
    assert b"ValueError" in kept
    assert CANARY.encode() not in kept


async def test_a_step_that_a_store_failed_before_a_crash_is_tried_again_after_it(file: Path) -> None:
    """The store was away, the process waited to try again, and was killed: nothing of that is the turn's fault."""
    failed, met = asyncio.Event(), list[type[BaseException]]()

    async def step() -> str:
        if failed.is_set():
            return "ok"
        raise StoreUnavailable("away for a moment")

    async def trying(turn_id: str, steps: Steps) -> None:
        try:
            assert await steps.run("step", step) == "ok"
        except Exception as problem:
            met.append(type(problem))
            failed.set()
            raise

    for pauses, stopped_within in ((60.0,), 0.0), ((0.0,), 5.0):
        engine = DbosEngine(f"sqlite:///{file}", ManualClock(), pauses=pauses)
        await engine.start(trying)
        if not failed.is_set():
            await engine.submit("t1", "c1")
            await failed.wait()
        else:
            await engine.finished("t1")
        await engine.stop(stopped_within)
    assert met == [StoreUnavailable, StoreUnavailable]


async def test_forgotten_turns_leave_no_rows_but_their_id(engine: DbosEngine, file: Path) -> None:
    for turn_id in ("t1", "t2"):
        await engine.submit(turn_id, "c1")
        await engine.finished(turn_id)
    assert await engine.forget(("t1", "unknown")) == 1
    assert await engine.forget(("t1",)) == 0
    assert [row[0] for row in rows(file, "workflow_status")] == ["t2"]
    assert not await engine.submit("t1", "c1")


async def test_purging_takes_ended_turns_and_then_old_ids(engine: DbosEngine, file: Path) -> None:
    now = ManualClock().now()
    for number in range(3):
        await engine.submit(f"t{number}", "c1")
        await engine.finished(f"t{number}")
    assert await engine.purge(now, 2) == 2
    assert await engine.purge(now, 2) == 1
    assert await engine.purge(now + 29 * DAY, 10) == 0
    assert len(rows(file, "turns_admitted")) == 3
    assert await engine.purge(now + 30 * DAY, 10) == 3
    for table in ("turns_admitted", "workflow_status", "workflow_input", "workflow_output", "operation_outputs"):
        assert rows(file, table) == []
    assert await engine.submit("t1", "c1")


async def test_a_second_process_on_the_same_file_is_told_so(
    engine: DbosEngine, build: Callable[[], DbosEngine]
) -> None:
    with pytest.raises(StoreUnavailable, match="another process holds it"):
        await build().start(work)


async def fill(engine: DbosEngine) -> None:
    for number in range(1_000):
        await engine.submit(f"{number}{'x' * 3_000}", "c1")


async def test_a_full_disk_is_said_and_the_next_turn_works(engine: DbosEngine) -> None:
    assert engine._session is not None
    pool = engine._session.database.pool
    pages = 1

    def bound(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    sa.event.listen(pool, "checkout", bound)
    with pytest.raises(StoreUnavailable, match="the disk is full"):
        await fill(engine)
    pages = 1_000_000
    assert await engine.submit("after", "c2")
    await engine.finished("after")


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda file: file.write_bytes(b"not a database, but long enough to be read as one" * 100), "not a SQLite"),
        (lambda file: file.mkdir(), "cannot be opened"),
    ],
)
async def test_a_file_that_cannot_be_used_is_said_at_start(
    build: Callable[[], DbosEngine], file: Path, prepare: Callable[[Path], None], said: str
) -> None:
    file.parent.mkdir()
    prepare(file)
    with pytest.raises(StoreUnavailable, match=said):
        await build().start(work)


async def test_a_folder_that_cannot_be_made_is_said_at_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="turns is unavailable"):
        await DbosEngine(f"sqlite:///{tmp_path}/file/engine.sqlite", ManualClock()).start(work)


@pytest.mark.parametrize("url", ["mysql://host/x", "no url", ""])
async def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="expected a database URL"):
        await DbosEngine(url, ManualClock()).start(work)


def spoil(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"x" * 5_000)


def unspoil(file: Path) -> None:
    file.unlink()


async def test_it_starts_after_a_failed_start(build: Callable[[], DbosEngine], file: Path) -> None:
    spoil(file)
    engine = build()
    with pytest.raises(StoreUnavailable):
        await engine.start(work)
    unspoil(file)
    await engine.start(work)
    with pytest.raises(RuntimeError, match="started already"):
        await engine.start(work)
    assert await engine.submit("t1", "c1")
    await engine.finished("t1")
    await engine.stop(5)


def test_stored_forms_are_json_and_an_error_keeps_its_class_alone() -> None:
    form = TurnJson()
    assert form.deserialize(form.serialize({"args": ["t1"], "kwargs": {}})) == {"args": ["t1"], "kwargs": {}}
    error = form.deserialize(form.serialize(KeyError(CANARY)))
    assert isinstance(error, StepFailed)
    assert str(error) == "KeyError"
