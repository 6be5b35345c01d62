"""Records as compact bytes, the same for every store of profiles.

A JSON array of arrays, one per record, without names: about 85 bytes a record, and an older release can still read the
first ten fields; the eleventh is there where the person moved the record.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

import orjson

from bot.errors import Unreadable
from bot.identity import ConversationKey, Person, Place, Space
from bot.private import Private
from bot.profile.attributes import Scope
from bot.profile.record import Record, Source, Value

_SOURCES = {source.value: source for source in Source}
_SCOPES = {scope.value: scope for scope in Scope}
_PLACES = {place.value: place for place in Place}


def pack(person: Person, records: Iterable[Record]) -> bytes:
    """Records of one person as bytes. The conversation is left out where it follows from person and space."""
    rows = [
        [
            record.attribute,
            record.value.said.reveal(),
            record.value.bucket,
            record.source,
            record.scope,
            record.space.place,
            record.space.id,
            None if record.conversation == str(ConversationKey(person, record.space)) else record.conversation,
            record.observed_at,
            record.expires_at,
            *((True,) if record.moved else ()),
        ]
        for record in records
    ]
    try:
        return orjson.dumps(rows)
    except orjson.JSONEncodeError:  # half a character somewhere
        return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def unpack(person: Person, packed: bytes) -> list[Record]:
    """The records in ``packed``, in the order they were packed. Raises Unreadable when they are in another form."""
    try:
        return [_record(person, row) for row in _rows(packed)]
    except (ValueError, KeyError, TypeError, AttributeError):
        # The cause would quote what is stored, so it is not chained.
        raise Unreadable(
            "a stored profile is not in the form this release writes; let the person tell again (forget me), or go "
            "back to the release that wrote it"
        ) from None


def _rows(packed: bytes) -> list[list[str | float | None]]:
    try:
        rows: list[list[str | float | None]] = orjson.loads(packed)
    except orjson.JSONDecodeError:  # half a character somewhere, or not in our form at all
        rows = json.loads(packed.decode("utf-8", "surrogatepass"))
    return rows


def _record(person: Person, row: list[str | float | None]) -> Record:
    attribute, said, bucket, source, scope, place, space_id, conversation, observed_at, expires_at, *more = row
    if not (
        isinstance(attribute, str)
        and isinstance(said, str)
        and (bucket is None or isinstance(bucket, str))
        and isinstance(source, str)
        and isinstance(scope, str)
        and isinstance(place, str)
        and isinstance(space_id, str)
        and (conversation is None or isinstance(conversation, str))
        and isinstance(observed_at, int | float)
        and isinstance(expires_at, int | float)
    ):
        raise TypeError
    space = Space(_PLACES[place], space_id)
    return Record(
        attribute=attribute,
        value=Value(Private(said), bucket),
        source=_SOURCES[source],
        scope=_SCOPES[scope],
        space=space,
        conversation=str(ConversationKey(person, space)) if conversation is None else conversation,
        observed_at=float(observed_at),
        expires_at=float(expires_at),
        moved=bool(more) and more[0] is True,
    )
