"""What models cost, by day."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "model_costs",
        sa.Column("day", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("calls", NUMBER, nullable=False),
        sa.Column("tokens", NUMBER, nullable=False),
        sa.Column("usd", sa.Float, nullable=False),
        sa.Column("unpriced", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("day", "model", name="pk_model_costs"),
    )


def downgrade() -> None:
    op.drop_table("model_costs")
