"""The table of the desk's accounts. A password is kept as its Argon2id hash only."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.stores.sql.tables import metadata

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("workspaces", sa.JSON, nullable=False),
    sa.Column("password", sa.Text, nullable=False),
    sa.Column("password_set_at", sa.Float, nullable=False),
)
