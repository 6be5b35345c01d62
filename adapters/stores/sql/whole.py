"""Whether a database holds everything this release knows of.

A part that was restored alone, or an upgrade that was interrupted and marked as done, is found at start rather than in
the middle of a conversation.
"""

from __future__ import annotations

import sqlalchemy as sa

from adapters.stores.sql import (  # noqa: F401 - their tables are part of the metadata
    account_tables,
    card_tables,
    erasure_tables,
    evidence_tables,
    face_tables,
    policy_tables,
    review_tables,
)
from adapters.stores.sql.tables import metadata

__all__ = ["metadata", "missing"]


def missing(connection: sa.Connection) -> tuple[str, ...]:
    """Tables, and columns as ``table.column``, that are not there."""
    inspector = sa.inspect(connection)
    there = set(inspector.get_table_names())
    found = [name for name in metadata.tables if name not in there]
    columns = inspector.get_multi_columns(filter_names=[name for name in metadata.tables if name in there])
    for (_, table), present in columns.items():
        names = {column["name"] for column in present}
        found += [f"{table}.{column.name}" for column in metadata.tables[table].c if column.name not in names]
    return tuple(sorted(found))
