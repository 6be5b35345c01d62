"""What DBOS keeps of a conversation's turns, found by the hash it is queued under: for forgetting somebody.

Plain statements on DBOS's own tables, because its client does not look turns up by their partition; they also work
while no engine is running. Steps, inputs and outputs go with their turn (foreign keys).
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from dbos._schemas import SCHEMA_PLACEHOLDER
from dbos._schemas.system_database import SystemSchema

from adapters.engine.admission import partition

_STATUS: Final = SystemSchema.workflow_status
_SCHEMA: Final = "dbos"


def turns_of(database: sa.Engine, conversation: str) -> tuple[str, ...]:
    """Ids of all turns of a conversation that the tables know, queued, running or ended; none without the tables."""
    if not _exists(database):
        return ()
    theirs = sa.select(_STATUS.c.workflow_uuid).where(_STATUS.c.queue_partition_key == partition(conversation))
    with database.connect().execution_options(**_named(database)) as connection:
        return tuple(connection.execute(theirs).scalars().all())


def delete_turns(database: sa.Engine, turn_ids: tuple[str, ...]) -> int:
    """Delete those turns, whatever their state; returns how many there were."""
    if not turn_ids:
        return 0
    with database.connect().execution_options(**_named(database)) as connection, connection.begin():
        return connection.execute(sa.delete(_STATUS).where(_STATUS.c.workflow_uuid.in_(turn_ids))).rowcount


def _named(database: sa.Engine) -> dict[str, Any]:
    return {"schema_translate_map": {SCHEMA_PLACEHOLDER: _schema(database)}}


def _exists(database: sa.Engine) -> bool:
    return bool(sa.inspect(database).has_table(_STATUS.name, schema=_schema(database)))


def _schema(database: sa.Engine) -> str | None:
    return None if database.dialect.name == "sqlite" else _SCHEMA
