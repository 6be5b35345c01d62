"""The tables of the moderators' channels: where cards stand, and who in chat works under which account of the desk."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.stores.sql.tables import NUMBER, metadata

review_cards = sa.Table(
    "review_cards",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("platform", sa.Text, primary_key=True),
    sa.Column("workspace", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    # Empty until the card was posted.
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("shown", sa.Text, nullable=False),
    # How often the case has changed.
    sa.Column("wanted", sa.Integer, nullable=False),
    # When to look at it; nothing while the card is as it should be.
    sa.Column("due_at", sa.Float),
    sa.Column("leased_until", sa.Float, nullable=False),
    sa.Column("begun_at", sa.Float),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("problem", sa.Text, nullable=False),
    sa.Index("ix_review_cards_due", "platform", "due_at"),
)

review_cards_read = sa.Table(
    "review_cards_read",
    metadata,
    sa.Column("platform", sa.Text, primary_key=True),
    # The last line of the trail that the cards have followed.
    sa.Column("number", NUMBER, nullable=False),
)

account_links = sa.Table(
    "account_links",
    metadata,
    sa.Column("platform", sa.Text, primary_key=True),
    sa.Column("workspace", sa.Text, primary_key=True),
    sa.Column("user", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, nullable=False, index=True),
)
