"""What DBOS keeps of a conversation's turns, found by the hash it is queued under: for forgetting somebody.

Plain statements on DBOS's own tables, because its client does not look turns up by their partition; they also work
while no engine is running. Steps, inputs and outputs go with their turn (foreign keys).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from dbos._schemas import SCHEMA_PLACEHOLDER
from dbos._schemas.system_database import SystemSchema

from adapters.database import Alone, connect, unavailable
from adapters.engine.admission import partition
from adapters.engine.dbos_session import WHAT

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


def erase_at_rest(url: str, conversation: str) -> int:
    """Delete a conversation's turns while no engine runs here. Raises StoreUnavailable when one runs elsewhere on the
    same file: it holds the turns, and has to do it."""
    with held_by_nobody(url) as database:
        return delete_turns(database, turns_of(database, conversation))


@contextmanager
def held_by_nobody(url: str) -> Iterator[sa.Engine]:
    """The database of an engine that does not run. Raises StoreUnavailable while one runs on the same file."""
    database = connect(url, connections=1, survive_power_cut=True)
    alone = Alone(database, WHAT)
    try:
        alone.take()
        yield database
    except sa.exc.SQLAlchemyError as error:
        raise unavailable(WHAT, database, error) from None
    finally:
        alone.release()
        database.dispose()


def _named(database: sa.Engine) -> dict[str, Any]:
    return {"schema_translate_map": {SCHEMA_PLACEHOLDER: _schema(database)}}


def _exists(database: sa.Engine) -> bool:
    return bool(sa.inspect(database).has_table(_STATUS.name, schema=_schema(database)))


def _schema(database: sa.Engine) -> str | None:
    return None if database.dialect.name == "sqlite" else _SCHEMA
