"""Policies that served, with their files, and what models cost. The operators' own data, nothing of people."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.stores.sql.tables import NUMBER, metadata

policies_served = sa.Table(
    "policies_served",
    metadata,
    sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("policy_id", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
)

policy_files = sa.Table(
    "policy_files",
    metadata,
    sa.Column("policy_id", sa.Text, primary_key=True),
    # JSON, compressed by zlib: file name -> text.
    sa.Column("files", sa.LargeBinary, nullable=False),
)

model_costs = sa.Table(
    "model_costs",
    metadata,
    # Days since 1970, UTC.
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("calls", NUMBER, nullable=False),
    sa.Column("tokens", NUMBER, nullable=False),
    sa.Column("usd", sa.Float, nullable=False),
    sa.Column("unpriced", NUMBER, nullable=False),
)
