"""What the desk's figures are counted from, in indexes that hold all of it: no case is read for them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_INDEXES = {
    "ix_review_cases_became": (
        "review_cases",
        ["workspace", "opened_at", "ruling", "first_seen_at", "escalated_at"],
    ),
    "ix_review_cases_waiting": (
        "review_cases",
        ["pending", "urgency", "severity", "workspace", "deadline", "claimed_until", "since"],
    ),
    "ix_review_flags_judged": ("review_flags", ["category", "rule", "at", "ruling", "case_id"]),
}
_BEFORE = {
    "ix_review_cases_opened_at": ("review_cases", ["opened_at"]),
    "ix_review_flags_at": ("review_flags", ["at"]),
}


def upgrade() -> None:
    op.add_column("review_cases", sa.Column("ruling", sa.Text, nullable=True))
    cases = sa.table("review_cases", sa.column("ruling", sa.Text), sa.column("decision", sa.JSON))
    op.execute(sa.update(cases).values(ruling=cases.c.decision["ruling"].as_string()))
    for name in _BEFORE:
        op.drop_index(name)
    for name, (table, columns) in _INDEXES.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name)
    for name, (table, columns) in _BEFORE.items():
        op.create_index(name, table, columns)
    op.drop_column("review_cases", "ruling")
