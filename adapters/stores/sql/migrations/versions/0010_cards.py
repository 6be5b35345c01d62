"""Cards of cases in channels of moderators, and whose account somebody in chat works under."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "review_cards",
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("shown", sa.Text, nullable=False),
        sa.Column("wanted", sa.Integer, nullable=False),
        sa.Column("due_at", sa.Float),
        sa.Column("leased_until", sa.Float, nullable=False),
        sa.Column("begun_at", sa.Float),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "platform", "workspace", "channel", name="pk_review_cards"),
    )
    op.create_index("ix_review_cards_due", "review_cards", ["platform", "due_at"])
    op.create_table(
        "review_cards_read",
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("platform", name="pk_review_cards_read"),
    )
    op.create_table(
        "account_links",
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("platform", "workspace", "user", name="pk_account_links"),
    )
    op.create_index("ix_account_links_account", "account_links", ["account"])


def downgrade() -> None:
    op.drop_table("account_links")
    op.drop_table("review_cards_read")
    op.drop_table("review_cards")
