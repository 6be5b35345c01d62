"""The tables of erasures: those under way, and the receipts of those that are done, which name nobody."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.stores.sql.tables import NUMBER, metadata

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("asked_at", sa.Float, nullable=False),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("removed", sa.JSON, nullable=False),
    sa.Column("erased", sa.Boolean),
)

erasure_receipts = sa.Table(
    "erasure_receipts",
    metadata,
    sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
    # HMAC of the person under a deployment key: found again by who knows both, leading back to nobody else.
    sa.Column("pseudonym", sa.Text, nullable=False, index=True),
    sa.Column("finished_at", sa.Float, nullable=False, index=True),
    sa.Column("removed", sa.JSON, nullable=False),
    sa.Column("remains", sa.JSON, nullable=False),
)
