"""One thing known about a person, with where it came from and until when it may be used."""

from __future__ import annotations

from enum import StrEnum

from bot.clock import Seconds
from bot.frozen import dataclass
from bot.identity import Place, Space
from bot.private import Private
from bot.profile.attributes import Scope


class Source(StrEnum):
    """How a value came to be known."""

    CHOICE = "choice"
    TEXT = "text"
    MODEL = "model"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Value:
    """What was said, and the bucket of METHOD section 2 it falls into (None where it fits none)."""

    said: Private[str]
    bucket: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """``space`` is where it was said; ``conversation`` (its key as text) bounds records of narrower scope than USER.

    Expiry is absolute: reads never extend it, and from ``expires_at`` on the record is invisible. ``moved``: not said
    in ``space``, but a copy that the person had put there of what they said somewhere else; it expires with that.
    """

    attribute: str
    value: Value
    source: Source
    scope: Scope
    space: Space
    conversation: str
    observed_at: Seconds
    expires_at: Seconds
    moved: bool = False


def visible(record: Record, *, conversation: str, space: Space, now: Seconds) -> bool:
    """Whether a record may be used in this conversation now.

    What was said in a direct message is used in direct messages only; what was said in a channel is used in that
    channel and in direct messages (a more private place), never in another channel. A moved record is the person's own
    exception, for the one place they named.
    """
    if now >= record.expires_at:
        return False
    if record.scope is not Scope.USER and record.conversation != conversation:
        return False
    return space.place is Place.DM or record.space == space
