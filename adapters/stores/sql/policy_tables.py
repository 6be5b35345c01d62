"""Policies that served, with their files. The operators' own data, nothing of people."""

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
