"""What planning leaves: planned queries and the calls paid for them. The operators' own data, nothing of people."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.stores.sql.tables import NUMBER, metadata

planned_queries = sa.Table(
    "planned_queries",
    metadata,
    sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("domain", sa.Text, nullable=False),
    sa.Column("embedder", sa.Text, nullable=False, index=True),
    # Little-endian float32.
    sa.Column("vector", sa.LargeBinary, nullable=False),
    # What the judgements say about strengths: attributes joined by commas; estimates, then variances, as float32.
    sa.Column("taught", sa.Text, nullable=False),
    sa.Column("lesson", sa.LargeBinary, nullable=False),
    sa.Column("manifest", sa.Text, nullable=False),
    sa.Column("planned_at", sa.Float, nullable=False),
    # Grows with everything that is put: what is larger than before was put since.
    sa.Column("stamp", NUMBER, nullable=False, server_default="0", index=True),
    # Last, so that loading the vectors does not read them.
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("evidence", sa.JSON, nullable=False),
)

paid_calls = sa.Table(
    "paid_calls",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("failure", sa.Text, nullable=False),
    sa.Column("complete", sa.Boolean, nullable=False),
    sa.Column("calls", sa.Integer, nullable=False),
    sa.Column("input_tokens", sa.Integer, nullable=False),
    sa.Column("output_tokens", sa.Integer, nullable=False),
    sa.Column("usd", sa.Float),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("declined", sa.Boolean, nullable=False, server_default=sa.false()),
)
