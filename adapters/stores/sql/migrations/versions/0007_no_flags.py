"""Flags go: cases have taken their place, and nothing read them any more."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.drop_table("flags")


def downgrade() -> None:
    op.create_table(
        "flags",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("flag_id", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("category", sa.Text),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("policy_id", sa.Text, nullable=False),
        sa.Column("turn_id", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_flags"),
        sa.UniqueConstraint("flag_id", name="uq_flags_flag_id"),
    )
    op.create_index("ix_flags_person", "flags", ["person"])
