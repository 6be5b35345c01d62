"""That everything of a person is removed, and only telling them is left: it is not removed once more after a crash."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    with op.batch_alter_table("erasures") as table:
        table.add_column(sa.Column("erased", sa.Boolean, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("erasures") as table:
        table.drop_column("erased")
