"""Installations in workspaces, and the threads in which people talk with the bot."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "installations",
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("enterprise", sa.Text, nullable=False),
        sa.Column("token", sa.LargeBinary, nullable=False),
        sa.Column("bot_user", sa.Text, nullable=False),
        sa.Column("bot", sa.Text, nullable=False),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("installed_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("workspace", "enterprise", name="pk_installations"),
    )
    op.create_table(
        "joined_threads",
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("thread", sa.Text, nullable=False),
        sa.Column("joined_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("person", "thread", name="pk_joined_threads"),
    )
    op.create_index("ix_joined_threads_joined_at", "joined_threads", ["joined_at"])


def downgrade() -> None:
    op.drop_table("joined_threads")
    op.drop_table("installations")
