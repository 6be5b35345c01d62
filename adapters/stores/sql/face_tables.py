"""The tables of what platforms need to be served by several processes, and over restarts."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.stores.sql.tables import metadata

envelopes = sa.Table(
    "envelopes",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, nullable=False, index=True),
    # Sealed with the person's key.
    sa.Column("message", sa.LargeBinary, nullable=False),
    sa.Column("expires_at", sa.Float, nullable=False, index=True),
)

bookmarks = sa.Table(
    "bookmarks",
    metadata,
    sa.Column("platform", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    # Empty for direct messages.
    sa.Column("workspace", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False, index=True),
    # Only for direct messages.
    sa.Column("person", sa.Text, index=True),
)

person_locales = sa.Table(
    "person_locales",
    metadata,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("learned_at", sa.Float, nullable=False, index=True),
)

workspaces_joined = sa.Table(
    "workspaces_joined",
    metadata,
    sa.Column("platform", sa.Text, primary_key=True),
    sa.Column("app", sa.Text, primary_key=True),
    sa.Column("workspace", sa.Text, primary_key=True),
)

registrations = sa.Table(
    "registrations",
    metadata,
    sa.Column("platform", sa.Text, primary_key=True),
    sa.Column("app", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
)
