"""When each planned query was put last, as a number that only grows: a running bot reads what is larger than before."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("planned_queries") as table:
        table.add_column(sa.Column("stamp", NUMBER, nullable=False, server_default="0"))
    op.create_index("ix_planned_queries_stamp", "planned_queries", ["stamp"])


def downgrade() -> None:
    op.drop_index("ix_planned_queries_stamp", "planned_queries")
    with op.batch_alter_table("planned_queries") as table:
        table.drop_column("stamp")
