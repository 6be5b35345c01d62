"""Turns, states, keys, flags, standings, decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "turns",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("turn_id", sa.Text, nullable=False),
        sa.Column("person", sa.Text),
        sa.Column("place", sa.Text),
        sa.Column("space", sa.Text),
        sa.Column("payload", sa.LargeBinary),
        sa.Column("journal", sa.LargeBinary),
        sa.Column("closed_at", sa.Float),
        sa.PrimaryKeyConstraint("number", name="pk_turns"),
        sa.UniqueConstraint("turn_id", name="uq_turns_turn_id"),
    )
    op.create_index("ix_turns_person", "turns", ["person"])
    op.create_index("ix_turns_closed_at", "turns", ["closed_at"])
    op.create_table(
        "states",
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("person", "place", "space", name="pk_states"),
    )
    op.create_index("ix_states_expires_at", "states", ["expires_at"])
    op.create_table(
        "person_keys",
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("wrapped_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_person_keys"),
    )
    op.create_index("ix_person_keys_wrapped_by", "person_keys", ["wrapped_by"])
    op.create_table(
        "flags",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("flag_id", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("category", sa.Text),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("policy_id", sa.Text, nullable=False),
        sa.Column("turn_id", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_flags"),
        sa.UniqueConstraint("flag_id", name="uq_flags_flag_id"),
    )
    op.create_index("ix_flags_person", "flags", ["person"])
    op.create_table(
        "standings",
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("consents", sa.JSON, nullable=False),
        sa.Column("informed", sa.Boolean, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_standings"),
    )
    op.create_table(
        "decisions",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("turn_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("decided", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_decisions"),
        sa.UniqueConstraint("turn_id", "kind", name="uq_decisions_turn_id"),
    )
    op.create_index("ix_decisions_person", "decisions", ["person"])
    op.create_index("ix_decisions_at", "decisions", ["at"])


def downgrade() -> None:
    for table in ("decisions", "standings", "flags", "person_keys", "states", "turns"):
        op.drop_table(table)
