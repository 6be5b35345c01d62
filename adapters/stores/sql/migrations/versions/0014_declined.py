"""Whether a paid call failed because the model would not answer, or because its reply could not be used."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    with op.batch_alter_table("paid_calls") as table:
        table.add_column(sa.Column("declined", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("paid_calls") as table:
        table.drop_column("declined")
