"""Planned queries with their evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "planned_queries",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("embedder", sa.Text, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.Column("taught", sa.Text, nullable=False),
        sa.Column("lesson", sa.LargeBinary, nullable=False),
        sa.Column("manifest", sa.Text, nullable=False),
        sa.Column("planned_at", sa.Float, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_planned_queries"),
        sa.UniqueConstraint("id", name="uq_planned_queries_id"),
    )
    op.create_index("ix_planned_queries_embedder", "planned_queries", ["embedder"])


def downgrade() -> None:
    op.drop_table("planned_queries")
