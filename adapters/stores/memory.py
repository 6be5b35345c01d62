"""Profiles in memory: what is forgotten when the process ends, and before that when it expires.

``cachetools.Cache`` holds and bounds; when it is full it asks :meth:`_Shelf.popitem` for room, which drops the record
nearest to its expiry. Its TLRUCache was tried and left: its heap keeps overwritten entries and cleans them all in one
put (50 ms at 100,000), and it can only expire everything due at once (500 ms). Here a sorted list of (nearest expiry,
person) makes every step exact and small.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from math import inf
from operator import itemgetter

from cachetools import Cache

from adapters.stores.packing import pack, unpack
from bot.clock import Seconds
from bot.identity import Person
from bot.profile.changes import age_order, apply
from bot.profile.record import Record
from bot.profile.store import Changes

RECORDS = 1_000_000
RECORDS_PER_PERSON = 1_000


_Folder = tuple[Seconds, int, bytes]
"""All records of one person: when the first of them expires, how many they are, the records. A plain tuple, because
the garbage collector need not walk through those."""


class _Shelf(Cache[str, _Folder]):
    """Folders by person, at most ``bound`` records in all."""

    def __init__(self, bound: int) -> None:
        super().__init__(maxsize=bound, getsizeof=itemgetter(1))
        self._due: list[tuple[Seconds, str]] = []

    def put(self, person: Person, records: list[Record]) -> None:
        """Replace a person's folder; without records there is none."""
        key = str(person)
        self.remove(key)
        if records:
            due = min([record.expires_at for record in records])
            self[key] = due, len(records), pack(person, records)
            insort(self._due, (due, key))

    def remove(self, key: str) -> int:
        """Take a folder out; returns how many records were in it."""
        folder = self.pop(key, None)
        if folder is None:
            return 0
        due, count, _ = folder
        del self._due[bisect_left(self._due, (due, key))]
        return count

    def drop(self, limit: int, until: Seconds) -> int:
        """Drop at most ``limit`` records expired at ``until``, nearest expiry first; returns how many."""
        going: list[tuple[Person, list[Record]]] = []
        dropped = 0
        for due, key in self._due:
            if dropped == limit or due > until:
                break
            person = Person.parse(key)
            records = sorted(unpack(person, self.pop(key)[2]), key=_expiry)
            expired = min(bisect_right(records, until, key=_expiry), limit - dropped)
            going.append((person, records[expired:]))
            dropped += expired
        del self._due[: len(going)]  # one move of the list for the whole slice
        for person, records in going:
            self.put(person, sorted(records, key=age_order))
        return dropped

    def popitem(self) -> tuple[str, _Folder]:
        """Make room for one record. The folder as it was is returned, as MutableMapping wants it."""
        if not self._due:
            raise KeyError("the store is empty")
        key = self._due[0][1]
        folder = self[key]
        self.drop(1, inf)
        return key, folder


def _expiry(record: Record) -> Seconds:
    return record.expires_at


class MemoryProfiles:
    """ProfileStore in this process's memory. Bounds count records; used from one event loop, without a lock."""

    def __init__(self, *, records: int = RECORDS, records_per_person: int = RECORDS_PER_PERSON) -> None:
        self._shelf = _Shelf(records)
        self._per_person = min(records_per_person, records)

    def __len__(self) -> int:
        """Records held, expired ones not yet purged included."""
        return int(self._shelf.currsize)

    async def read(self, person: Person, now: Seconds) -> tuple[Record, ...]:
        return tuple([record for record in self._records(person) if record.expires_at > now])

    async def write(self, person: Person, changes: Changes, now: Seconds) -> None:
        self._shelf.put(person, apply(self._records(person), changes, now, self._per_person))

    async def erase(self, person: Person) -> int:
        return self._shelf.remove(str(person))

    async def purge(self, now: Seconds, limit: int) -> int:
        return self._shelf.drop(limit, now)

    def _records(self, person: Person) -> list[Record]:
        folder = self._shelf.get(str(person))
        return [] if folder is None else unpack(person, folder[2])
