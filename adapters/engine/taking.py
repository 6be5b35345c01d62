"""Turns that need not wait in the queue: one whose conversation has no other is begun by the process it came to.

DBOS finds turns to take by a look through the conversations that wait, which costs as much CPU as everything else that
it does for a turn. Who has just queued a turn knows which one it is: it is taken in the transaction that queues it, as
that look would take it (``start_queued_partitioned_workflows``). The queue is for what must wait, and for what another
process left.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from dbos import DBOS
from dbos._core import execute_dequeued_workflow
from dbos._enqueue_options import EnqueueOptions, build_enqueue_status
from dbos._schemas.system_database import SystemSchema

from adapters.engine.admission import QUEUE, Submission, partition
from bot.clock import Seconds

log: Final = logging.getLogger("raise_bot.engine")

_TURN: Final = SystemSchema.workflow_status
_OTHER: Final = SystemSchema.workflow_status.alias("other")
_WAITS: Final[sa.ColumnElement[str]] = sa.literal_column("'ENQUEUED'")
_RUNS: Final[sa.ColumnElement[str]] = sa.literal_column("'PENDING'")


def _no_other(status: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """That the turn's conversation has no other in this state. DBOS's index of open turns serves only who names its
    condition, and one state at a time."""
    return ~(
        sa.exists()
        .where(_OTHER.c.queue_name == QUEUE, _OTHER.c.status == status, _OTHER.c.status.in_([_WAITS, _RUNS]))
        .where(_OTHER.c.queue_partition_key == _TURN.c.queue_partition_key)
        .where(_OTHER.c.workflow_uuid != _TURN.c.workflow_uuid)
    )


_TAKE: Final = (
    sa.update(_TURN)
    .where(_TURN.c.workflow_uuid.in_(sa.bindparam("turns", expanding=True)), _TURN.c.status == "ENQUEUED")
    .where(_no_other(_WAITS), _no_other(_RUNS))
    .values(
        status="PENDING",
        executor_id=sa.bindparam("executor"),
        owner_xid=sa.bindparam("owner"),
        started_at_epoch_ms=sa.bindparam("began"),
        updated_at=sa.bindparam("began"),
        recovery_attempts=_TURN.c.recovery_attempts + 1,
    )
    .returning(_TURN.c.workflow_uuid)
)
_KEYS: Final = sa.select(sa.func.unnest(sa.bindparam("keys", type_=sa.ARRAY(sa.BigInteger))).label("key"))
_IN_ORDER: Final = _KEYS.order_by("key").subquery()
_ALONE: Final = sa.select(sa.func.pg_advisory_xact_lock(_IN_ORDER.c.key))


def alone(connection: sa.Connection, submissions: Sequence[Submission]) -> None:
    """Until the end of the transaction, let no other process queue a turn of these conversations: of two that came to
    two processes at once, both would look like the only one. A file has one process."""
    if connection.dialect.name == "postgresql":
        keys = {int(partition(each.conversation)[:16], 16) - 2**63 for each in submissions}
        connection.execute(_ALONE, {"keys": list(keys)})


def take(connection: sa.Connection, turn_ids: Sequence[str], executor: str, owner: str, now: Seconds) -> frozenset[str]:
    """Which of these turns, queued in this transaction, are the only ones of their conversations: they are the
    executor's from now on, as if it had taken them from the queue. ``owner`` names this taking to DBOS."""
    values = {"turns": list(turn_ids), "executor": executor, "owner": owner, "began": int(now * 1000)}
    return frozenset(connection.execute(_TAKE, values).scalars())


def begin(dbos: DBOS, options: EnqueueOptions, owner: str) -> None:
    """Run a turn that was taken. Blocks until the loop has begun it, so it is not for the loop's own thread."""
    turn_id = options["workflow_id"]
    try:
        _, status = build_enqueue_status(options, dbos._serializer, (turn_id,), {})
        execute_dequeued_workflow(dbos, status | {"status": "PENDING", "recovery_attempts": 1}, owner)
    except Exception as problem:  # noqa: BLE001 - it stays this process's own, and is gathered in with what went astray
        log.warning("a turn that was taken could not be begun yet: %s", type(problem).__name__)
