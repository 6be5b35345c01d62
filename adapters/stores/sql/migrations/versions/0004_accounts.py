"""Accounts of the review desk."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("workspaces", sa.JSON, nullable=False),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("password_set_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_accounts"),
    )


def downgrade() -> None:
    op.drop_table("accounts")
