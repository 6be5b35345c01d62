"""That resources went out for an event, so that the process that takes its turn does not send them again."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    with op.batch_alter_table("turns") as table:
        table.add_column(sa.Column("crisis_shown", sa.Boolean, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("turns") as table:
        table.drop_column("crisis_shown")
