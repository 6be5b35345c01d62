"""The tables, said once. The migrations say how they came about; a test holds the two together.

Blobs are sealed by the vault. Everything else is identifiers, moments and features: no text of people.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from bot.identity import ConversationKey, Person, Place, Space

Row = sa.Row[*tuple[Any, ...]]
"""A row of any of these tables; SQLAlchemy does not know the types of its columns by name."""

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

turns = sa.Table(
    "turns",
    metadata,
    sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("turn_id", sa.Text, nullable=False, unique=True),
    # Emptied when the turn is closed: only id and moment stay.
    sa.Column("person", sa.Text, index=True),
    sa.Column("place", sa.Text),
    sa.Column("space", sa.Text),
    sa.Column("payload", sa.LargeBinary),
    sa.Column("journal", sa.LargeBinary),
    sa.Column("crisis_shown", sa.Boolean),
    sa.Column("closed_at", sa.Float, index=True),
)

states = sa.Table(
    "states",
    metadata,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("place", sa.Text, primary_key=True),
    sa.Column("space", sa.Text, primary_key=True),
    sa.Column("state", sa.LargeBinary, nullable=False),
    sa.Column("expires_at", sa.Float, nullable=False, index=True),
)

person_keys = sa.Table(
    "person_keys",
    metadata,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    # Which key of the deployment wrapped it: a short digest, not the key.
    sa.Column("wrapped_by", sa.Text, nullable=False, index=True),
)

standings = sa.Table(
    "standings",
    metadata,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("consents", sa.JSON, nullable=False),
    sa.Column("informed", sa.Boolean, nullable=False),
    sa.Column("paused", sa.Boolean, nullable=False),
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("turn_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False, index=True),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("space", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False, index=True),
    sa.Column("decided", sa.JSON, nullable=False),
    sa.UniqueConstraint("turn_id", "kind"),
)

installations = sa.Table(
    "installations",
    metadata,
    # Empty for an installation in a whole organisation.
    sa.Column("workspace", sa.Text, primary_key=True),
    # Empty outside of an organisation.
    sa.Column("enterprise", sa.Text, primary_key=True),
    # Sealed with the deployment's key.
    sa.Column("token", sa.LargeBinary, nullable=False),
    sa.Column("bot_user", sa.Text, nullable=False),
    sa.Column("bot", sa.Text, nullable=False),
    sa.Column("app", sa.Text, nullable=False),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("installed_at", sa.Float, nullable=False),
)

joined_threads = sa.Table(
    "joined_threads",
    metadata,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("thread", sa.Text, primary_key=True),
    sa.Column("joined_at", sa.Float, nullable=False, index=True),
)


def where(conversation: ConversationKey) -> dict[str, object]:
    """A conversation as the columns person, place and space."""
    space = conversation.space
    return {"person": str(conversation.person), "place": space.place.value, "space": space.id}


def conversation_of(row: Row) -> ConversationKey:
    """The conversation in the columns person, place and space."""
    return ConversationKey(Person.parse(row.person), Space(Place(row.place), row.space))
