"""Processes on one database: who is alive, and the turns of those who are not.

A row of ``replicas`` is one process's sign of life, by the database's clock alone, so that clocks of machines may
differ. Whoever finds a row too old takes the row away and puts its turns back into their queue, in one transaction: one
of many wins, and places in the queue are kept. A file has one process, so nothing here is used there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import sqlalchemy as sa
from dbos._schemas import SCHEMA_PLACEHOLDER
from dbos._schemas.system_database import SystemSchema

from adapters.database import connect, unavailable
from adapters.engine.admission import GIVEN_UP, QUEUE, TURN, metadata
from bot.clock import Seconds
from bot.conversation.replicas import Replica

SCHEMA: Final = "dbos"
"""Where DBOS keeps its tables on PostgreSQL."""
_NOW: Final = sa.cast(sa.func.extract("epoch", sa.func.clock_timestamp()), sa.Float)

replicas = sa.Table(
    "replicas",
    metadata,
    sa.Column("executor", sa.Text, primary_key=True),
    sa.Column("beat_at", sa.Float, nullable=False),
    sa.Column("release", sa.Text, nullable=False),
    sa.Column("policy", sa.Text, nullable=False),
)
_STATUS: Final = SystemSchema.workflow_status
_STEPS: Final = SystemSchema.operation_outputs


def join(database: sa.Engine, me: Replica) -> None:
    """Be known as alive from now on."""
    row = {"executor": me.name, "beat_at": _NOW, "release": me.release, "policy": me.policy}
    with database.begin() as connection:
        connection.execute(sa.insert(replicas).values(row))


def beat(database: sa.Engine, executor: str, policy: str) -> bool:
    """Say that this process is alive; False when others took it for dead, and its turns with it."""
    alive = sa.update(replicas).where(replicas.c.executor == executor).values(beat_at=_NOW, policy=policy)
    with database.begin() as connection:
        return connection.execute(alive).rowcount == 1


def leave(database: sa.Engine, executor: str) -> None:
    """Be known no more; what is unfinished goes back into its queue at once."""
    with _named(database) as connection, connection.begin():
        connection.execute(sa.delete(replicas).where(replicas.c.executor == executor))
        connection.execute(_requeued(_STATUS.c.executor_id == executor))


def take_over(database: sa.Engine, after: Seconds) -> tuple[Sequence[str], int]:
    """Remove processes silent for longer than ``after`` and queue again what runs nowhere any more; returns their names
    and how many turns it was. Of many that try at once one does it, and the others find nothing."""
    silent = sa.select(replicas.c.executor).where(replicas.c.beat_at < _NOW - after)
    with _named(database) as connection, connection.begin():
        dead = connection.execute(silent.with_for_update(skip_locked=True)).scalars().all()
        if dead:
            connection.execute(sa.delete(replicas).where(replicas.c.executor.in_(dead)))
        nobodys = _STATUS.c.executor_id.not_in(sa.select(replicas.c.executor))
        return dead, connection.execute(_requeued(nobodys)).rowcount


def strays(database: sa.Engine, executor: str, running: Collection[str]) -> tuple[str, ...]:
    """Turns that the tables say this process runs, though it does not."""
    mine = sa.select(_STATUS.c.workflow_uuid).where(_STATUS.c.executor_id == executor, _STATUS.c.status == "PENDING")
    with _named(database) as connection:
        return tuple(each for each in connection.execute(mine).scalars() if each not in running)


def requeue(database: sa.Engine, executor: str, turn_ids: Collection[str]) -> None:
    """Put those turns of this process back into their queue."""
    with _named(database) as connection, connection.begin():
        mine = sa.and_(_STATUS.c.executor_id == executor, _STATUS.c.workflow_uuid.in_(turn_ids))
        connection.execute(_requeued(mine))


def give_up(database: sa.Engine) -> tuple[Sequence[str], int]:
    """Turns that crashed too often go back to their place in the queue, to be given up; returns their ids, and how many
    are let go because even that crashed too often. Of many that try at once one does it."""
    dead = _STATUS.c.status == "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
    again = sa.update(_STATUS).where(dead, _STATUS.c.name == TURN).returning(_STATUS.c.workflow_uuid)
    queued = {"status": "ENQUEUED", "queue_name": QUEUE, "recovery_attempts": 0, "completed_at": None}
    with _named(database) as connection, connection.begin():
        lost = connection.execute(sa.delete(_STATUS).where(dead, _STATUS.c.name == GIVEN_UP)).rowcount
        turns = connection.execute(again.values(name=GIVEN_UP, **queued)).scalars().all()
        if turns:  # other steps are to be recorded now
            connection.execute(sa.delete(_STEPS).where(_STEPS.c.workflow_uuid.in_(turns)))
        return turns, lost


def others(database: sa.Engine, executor: str, within: Seconds) -> tuple[Replica, ...]:
    """The other processes that showed life within so many seconds; none where there is no such table yet."""
    if not sa.inspect(database).has_table(replicas.name):
        return ()
    living = sa.select(replicas).where(replicas.c.executor != executor, replicas.c.beat_at >= _NOW - within)
    with database.connect() as connection:
        rows = connection.execute(living.order_by(replicas.c.executor)).all()
    return tuple(Replica(row.executor, row.release, row.policy) for row in rows)


def alive(url: str, within: Seconds) -> tuple[Replica, ...]:
    """The processes that showed life within so many seconds, for who is none of them; none on a file. Raises
    StoreUnavailable."""
    database = connect(url, connections=1, survive_power_cut=True)
    try:
        return () if database.dialect.name == "sqlite" else others(database, "", within)
    except sa.exc.SQLAlchemyError as error:
        raise unavailable("the list of processes", database, error) from None
    finally:
        database.dispose()


def _requeued(whose: sa.ColumnElement[bool]) -> sa.Update:
    """As DBOS does it for a process that comes back; how often a turn was begun is kept, so that one that kills every
    process is given up in the end."""
    return (
        sa.update(_STATUS)
        .where(_STATUS.c.status == "PENDING", whose)
        .values(status="ENQUEUED", owner_xid=None, started_at_epoch_ms=None)
    )


def _named(database: sa.Engine) -> sa.Connection:
    """DBOS's tables under the names they have in this database."""
    schema = None if database.dialect.name == "sqlite" else SCHEMA
    return database.connect().execution_options(schema_translate_map={SCHEMA_PLACEHOLDER: schema})
