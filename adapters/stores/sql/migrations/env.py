"""Run by Alembic for every migration: on the connection, and in the transaction, that ``migrate`` opened."""

from alembic import context

from adapters.stores.sql.migrate import VERSIONS
from adapters.stores.sql.whole import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSIONS,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
