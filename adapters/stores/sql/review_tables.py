"""The tables of the review desk.

``person`` and ``space`` of a case, the papers and the flags' ids are all that leads back to a person; they are emptied
or deleted when the person goes. The trail names cases only.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from adapters.stores.sql.tables import NUMBER, metadata
from bot.severity import Severity

URGENCY: Final = {severity.value: -severity.rank for severity in Severity}
"""Severity -> its place in the order of the queue: the gravest first."""

review_cases = sa.Table(
    "review_cases",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    # Open or claimed: what the queue shows, in one index.
    sa.Column("pending", sa.Boolean, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("urgency", sa.Integer, nullable=False),
    sa.Column("category", sa.Text),
    sa.Column("queue", sa.Text, nullable=False),
    sa.Column("workspace", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("person", sa.Text, index=True),
    sa.Column("space", sa.Text),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("opened_at", sa.Float, nullable=False),
    sa.Column("since", sa.Float, nullable=False),
    sa.Column("deadline", sa.Float, nullable=False),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("flags", sa.Integer, nullable=False),
    sa.Column("claimed_by", sa.Text, index=True),
    sa.Column("claimed_until", sa.Float),
    sa.Column("first_seen_at", sa.Float),
    sa.Column("escalated_at", sa.Float),
    sa.Column("held", sa.Boolean, nullable=False),
    sa.Column("opinion_wanted", sa.Boolean, nullable=False),
    sa.Column("decision", sa.JSON(none_as_null=True)),
    # As the decision has it, where it can be counted.
    sa.Column("ruling", sa.Text),
    sa.Column("gone_why", sa.Text),
    sa.Column("gone_at", sa.Float),
    sa.Column("expires_at", sa.Float),
    sa.Column("wakes_at", sa.Float, index=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Index("ix_review_cases_queue", "pending", "urgency", "deadline", "case_id"),
    sa.Index("ix_review_cases_state", "state", "urgency", "deadline", "case_id"),
    sa.Index("ix_review_cases_workspace", "workspace", "pending", "urgency", "deadline", "case_id"),
    # All that the figures are counted from: no row is read for them.
    sa.Index("ix_review_cases_became", "workspace", "opened_at", "ruling", "first_seen_at", "escalated_at"),
    sa.Index(
        "ix_review_cases_waiting",
        *("pending", "urgency", "severity", "workspace", "deadline", "claimed_until", "since"),
    ),
    # One living case per conversation, whoever opens it first.
    sa.Index(
        "uq_review_cases_living",
        "person",
        "place",
        "space",
        unique=True,
        sqlite_where=sa.text("state != 'closed'"),
        postgresql_where=sa.text("state != 'closed'"),
    ),
)

review_flags = sa.Table(
    "review_flags",
    metadata,
    sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("flag_id", sa.Text, unique=True),
    sa.Column("case_id", sa.Text, nullable=False, index=True),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("category", sa.Text),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("ruling", sa.Text),
    sa.Index("ix_review_flags_judged", "category", "rule", "at", "ruling", "case_id"),
)

review_notes = sa.Table(
    "review_notes",
    metadata,
    sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("note_id", sa.Text, nullable=False, unique=True),
    sa.Column("case_id", sa.Text, nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

review_errands = sa.Table(
    "review_errands",
    metadata,
    sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("errand_id", sa.Text, nullable=False, unique=True),
    sa.Column("case_id", sa.Text, nullable=False, index=True),
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("space", sa.Text, nullable=False),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("problem", sa.Text, nullable=False),
    sa.Column("leased_until", sa.Float, nullable=False),
    sa.Index("ix_review_errands_outcome", "outcome", "number"),
)

review_trail = sa.Table(
    "review_trail",
    metadata,
    sa.Column("number", NUMBER, primary_key=True, autoincrement=False),
    sa.Column("case_id", sa.Text, nullable=False, index=True),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
)

# One row: where the trail ends. Whoever adds a line locks it first, so that lines of many processes stay in one chain.
review_trail_head = sa.Table(
    "review_trail_head",
    metadata,
    sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", NUMBER, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
)

referrals = sa.Table(
    "referrals",
    metadata,
    sa.Column("month", sa.Text, primary_key=True),
    sa.Column("category", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)
