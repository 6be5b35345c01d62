"""Policies that served, so that an earlier one can be put back."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "policies_served",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("policy_id", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_policies_served"),
    )
    op.create_table(
        "policy_files",
        sa.Column("policy_id", sa.Text, nullable=False),
        sa.Column("files", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("policy_id", name="pk_policy_files"),
    )


def downgrade() -> None:
    op.drop_table("policy_files")
    op.drop_table("policies_served")
