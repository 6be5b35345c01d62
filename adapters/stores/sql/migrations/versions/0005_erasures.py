"""Erasures under way, and receipts of those that are done."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("asked_at", sa.Float, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("removed", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_erasures"),
    )
    op.create_table(
        "erasure_receipts",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pseudonym", sa.Text, nullable=False),
        sa.Column("finished_at", sa.Float, nullable=False),
        sa.Column("removed", sa.JSON, nullable=False),
        sa.Column("remains", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_erasure_receipts"),
    )
    op.create_index("ix_erasure_receipts_pseudonym", "erasure_receipts", ["pseudonym"])
    op.create_index("ix_erasure_receipts_finished_at", "erasure_receipts", ["finished_at"])


def downgrade() -> None:
    for table in ("erasure_receipts", "erasures"):
        op.drop_table(table)
