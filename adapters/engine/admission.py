"""The door of the durable engine: each turn is admitted once, in order, many of them in one transaction.

A row of ``turns_admitted`` recognises a repeated id even after DBOS has forgotten the turn, and its number gives the
turn its place in the queue. Row and queue entry are written together or not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.clock import Seconds

QUEUE: Final = "turns"
TURN: Final = "turn"
GIVEN_UP: Final = "given_up"
"""What DBOS calls the queue, the work of a turn, and what is done for one that crashed too often."""
REMEMBERED: Final[Seconds] = 30 * 86_400.0
"""How long the id of a turn is recognised: far longer than any platform sends an event again."""
_LAST_PLACE: Final = 2**31 - 1
"""DBOS numbers places up to here, then we begin again: only turns waiting at that very moment could swap."""

metadata = sa.MetaData()
admitted = sa.Table(
    "turns_admitted",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("turn_id", sa.Text, nullable=False, unique=True),
    sa.Column("at", sa.Float, nullable=False, index=True),
    sqlite_autoincrement=True,  # a number is never given twice, even after the last row was purged
)


@dataclass(frozen=True, slots=True)
class Submission:
    """A turn on its way into the queue."""

    turn_id: str
    conversation: str
    at: Seconds


class Admitted(Enum):
    """What became of a turn that was submitted."""

    KNOWN = "known"
    """It was admitted before."""
    QUEUED = "queued"
    TAKEN = "taken"
    """It has begun here: its conversation had no other."""


Place = int
"""In the queue: 1 to 2**31 - 1."""


def number(connection: sa.Connection, submissions: Sequence[Submission]) -> dict[str, Place]:
    """The places of the turns that were not admitted before, which they are now."""
    places = dict[str, Place]()
    for submission in submissions:
        given = _number(connection, submission)
        if given is not None:
            places[submission.turn_id] = (given - 1) % _LAST_PLACE + 1
    return places


def _number(connection: sa.Connection, submission: Submission) -> int | None:
    """A new turn's number; None for a turn that has one already."""
    values = {"turn_id": submission.turn_id, "at": submission.at}
    insert: sqlite.Insert | postgresql.Insert
    if connection.dialect.name == "sqlite":
        insert = sqlite.insert(admitted).values(values).on_conflict_do_nothing(index_elements=["turn_id"])
    else:
        insert = postgresql.insert(admitted).values(values).on_conflict_do_nothing(index_elements=["turn_id"])
    return connection.execute(insert.returning(admitted.c.number)).scalar()


def purge(engine: sa.Engine, now: Seconds, limit: int) -> int:
    """Delete at most ``limit`` ids too old to be sent again."""
    old = sa.select(admitted.c.number).where(admitted.c.at <= now - REMEMBERED).limit(limit)
    with engine.begin() as connection:
        return connection.execute(sa.delete(admitted).where(admitted.c.number.in_(old))).rowcount


def partition(conversation: str) -> str:
    """The queue's key for a conversation: 128 bits that name nobody, so that the engine's tables name nobody."""
    return hashlib.blake2b(conversation.encode(), digest_size=16).hexdigest()
