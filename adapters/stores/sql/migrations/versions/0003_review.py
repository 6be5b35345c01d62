"""Cases of the review desk, their papers and the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "review_cases",
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("pending", sa.Boolean, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("urgency", sa.Integer, nullable=False),
        sa.Column("category", sa.Text),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("person", sa.Text),
        sa.Column("space", sa.Text),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("opened_at", sa.Float, nullable=False),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("deadline", sa.Float, nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("flags", sa.Integer, nullable=False),
        sa.Column("claimed_by", sa.Text),
        sa.Column("claimed_until", sa.Float),
        sa.Column("first_seen_at", sa.Float),
        sa.Column("escalated_at", sa.Float),
        sa.Column("held", sa.Boolean, nullable=False),
        sa.Column("opinion_wanted", sa.Boolean, nullable=False),
        sa.Column("decision", sa.JSON(none_as_null=True)),
        sa.Column("gone_why", sa.Text),
        sa.Column("gone_at", sa.Float),
        sa.Column("expires_at", sa.Float),
        sa.Column("wakes_at", sa.Float),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_review_cases"),
    )
    op.create_index("ix_review_cases_person", "review_cases", ["person"])
    op.create_index("ix_review_cases_opened_at", "review_cases", ["opened_at"])
    op.create_index("ix_review_cases_wakes_at", "review_cases", ["wakes_at"])
    op.create_index("ix_review_cases_queue", "review_cases", ["pending", "urgency", "deadline", "case_id"])
    op.create_index("ix_review_cases_state", "review_cases", ["state", "urgency", "deadline", "case_id"])
    op.create_index(
        "ix_review_cases_workspace", "review_cases", ["workspace", "pending", "urgency", "deadline", "case_id"]
    )
    op.create_index("ix_review_cases_claimed_by", "review_cases", ["claimed_by"])
    living = sa.text("state != 'closed'")
    op.create_index(
        "uq_review_cases_living",
        "review_cases",
        ["person", "place", "space"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
    )
    op.create_table(
        "review_flags",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("flag_id", sa.Text),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("category", sa.Text),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("ruling", sa.Text),
        sa.PrimaryKeyConstraint("number", name="pk_review_flags"),
        sa.UniqueConstraint("flag_id", name="uq_review_flags_flag_id"),
    )
    op.create_index("ix_review_flags_case_id", "review_flags", ["case_id"])
    op.create_index("ix_review_flags_at", "review_flags", ["at"])
    op.create_table(
        "review_notes",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("note_id", sa.Text, nullable=False),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_review_notes"),
        sa.UniqueConstraint("note_id", name="uq_review_notes_note_id"),
    )
    op.create_index("ix_review_notes_case_id", "review_notes", ["case_id"])
    op.create_table(
        "review_errands",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("errand_id", sa.Text, nullable=False),
        sa.Column("case_id", sa.Text, nullable=False),
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
        sa.PrimaryKeyConstraint("number", name="pk_review_errands"),
        sa.UniqueConstraint("errand_id", name="uq_review_errands_errand_id"),
    )
    op.create_index("ix_review_errands_case_id", "review_errands", ["case_id"])
    op.create_index("ix_review_errands_outcome", "review_errands", ["outcome", "number"])
    op.create_table(
        "review_trail",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_review_trail"),
    )
    op.create_index("ix_review_trail_case_id", "review_trail", ["case_id"])
    op.create_table(
        "review_trail_head",
        sa.Column("one", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_review_trail_head"),
    )
    op.create_table(
        "referrals",
        sa.Column("month", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("month", "category", name="pk_referrals"),
    )
    op.execute(
        sa.text("INSERT INTO review_trail_head (one, number, digest) VALUES (1, 0, :digest)").bindparams(
            digest="0" * 64
        )
    )


def downgrade() -> None:
    for table in (
        "referrals",
        "review_trail_head",
        "review_trail",
        "review_errands",
        "review_notes",
        "review_flags",
        "review_cases",
    ):
        op.drop_table(table)
