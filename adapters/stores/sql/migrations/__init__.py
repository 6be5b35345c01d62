"""Alembic's scripts: each release's change to the tables, up and down. Run by ``adapters.stores.sql.migrate``."""
