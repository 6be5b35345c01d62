"""How changes apply to the records of one person: pure, so that every store does the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.clock import Seconds
from bot.identity import Space
from bot.profile.record import Record
from bot.profile.store import Changes


def apply(records: Sequence[Record], changes: Changes, now: Seconds, bound: int) -> list[Record]:
    """The records after ``changes``, oldest first: none expired at ``now``, at most ``bound``.

    Beyond the bound those nearest to their expiry go first, so that one person in a thousand channels cannot crowd
    out the others.
    """
    kept = {_slot(record): record for record in records if record.attribute not in changes.remove}
    kept.update((_slot(record), record) for record in changes.put)
    living = [record for record in kept.values() if record.expires_at > now]
    if len(living) > bound:
        living = sorted(living, key=_expiry)[len(living) - bound :]
    return sorted(living, key=age_order)


def together(several: Iterable[Changes]) -> Changes:
    """Changes made one after the other, as one: stores are asked once."""
    put: list[Record] = []
    removed: dict[str, None] = {}
    for changes in several:
        put = [record for record in put if record.attribute not in changes.remove] + list(changes.put)
        removed.update(dict.fromkeys(changes.remove))
    return Changes(tuple(put), tuple(removed))


def _slot(record: Record) -> tuple[str, Space, str]:
    return record.attribute, record.space, record.conversation


def _expiry(record: Record) -> Seconds:
    return record.expires_at


def age_order(record: Record) -> tuple[Seconds, str, str, str]:
    """What to sort by for oldest first; records of the same moment by attribute and place, the same in every store."""
    return record.observed_at, record.attribute, record.space.place, record.space.id
