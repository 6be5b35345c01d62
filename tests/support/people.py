"""People, places and records for tests, said once."""

from __future__ import annotations

from bot.identity import DIRECT, ConversationKey, Person, Place, Space
from bot.private import Private
from bot.profile.attributes import Scope
from bot.profile.record import Record, Source, Value

NOW = 1_767_225_600.0
HOUR = 3600.0
DAY = 24 * HOUR
ANN = Person("slack", "T1", "U1")
BEN = Person("slack", "T1", "U2")
ANN_ELSEWHERE = Person("slack", "T2", "U1")
CHANNEL = Space(Place.CHANNEL, "C1/1767225600.000100")
ANN_DIRECT = ConversationKey(ANN, DIRECT)
ANN_CHANNEL = ConversationKey(ANN, CHANNEL)
BEN_DIRECT = ConversationKey(BEN, DIRECT)


def record(
    attribute: str = "age",
    said: str = "30",
    *,
    person: Person = ANN,
    space: Space = DIRECT,
    conversation: str | None = None,
    bucket: str | None = "25-34",
    source: Source = Source.CHOICE,
    scope: Scope = Scope.USER,
    observed_at: float = NOW,
    expires_at: float = NOW + HOUR,
) -> Record:
    """A record that lives one hour from NOW unless told otherwise."""
    where = str(ConversationKey(person, space)) if conversation is None else conversation
    return Record(attribute, Value(Private(said), bucket), source, scope, space, where, observed_at, expires_at)
