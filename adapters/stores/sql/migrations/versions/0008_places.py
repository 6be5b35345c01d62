"""What platforms need to be served by several processes, and over restarts."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "envelopes",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("message", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_envelopes"),
    )
    op.create_index("ix_envelopes_person", "envelopes", ["person"])
    op.create_index("ix_envelopes_expires_at", "envelopes", ["expires_at"])
    op.create_table(
        "bookmarks",
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("person", sa.Text),
        sa.PrimaryKeyConstraint("platform", "channel", name="pk_bookmarks"),
    )
    op.create_index("ix_bookmarks_at", "bookmarks", ["at"])
    op.create_index("ix_bookmarks_person", "bookmarks", ["person"])
    op.create_table(
        "person_locales",
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("learned_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_person_locales"),
    )
    op.create_index("ix_person_locales_learned_at", "person_locales", ["learned_at"])
    op.create_table(
        "workspaces_joined",
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("platform", "app", "workspace", name="pk_workspaces_joined"),
    )
    op.create_table(
        "registrations",
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("platform", "app", name="pk_registrations"),
    )


def downgrade() -> None:
    for table in ("registrations", "workspaces_joined", "person_locales", "bookmarks", "envelopes"):
        op.drop_table(table)
