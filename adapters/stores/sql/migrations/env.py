"""Run by Alembic for every migration: on the connection, and in the transaction, that ``migrate`` opened."""

from alembic import context

from adapters.stores.sql import (  # noqa: F401 - their tables are part of the metadata
    account_tables,
    card_tables,
    erasure_tables,
    evidence_tables,
    face_tables,
    policy_tables,
    review_tables,
)
from adapters.stores.sql.migrate import VERSIONS
from adapters.stores.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSIONS,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
