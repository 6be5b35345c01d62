"""The vault in SQL: a data key per person, wrapped by the deployment's key, which itself is never stored.

Destroying a person's row makes everything sealed for them unreadable, wherever it was copied to. (A backup of this
table brings the row back: keep its backups apart, and shorter, as the runbook says.)
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from cachetools import TTLCache

from adapters.stores.sealing import CHANGED, KEY_BYTES, NO_KEY, binding, new_key, of, seal, unseal
from adapters.stores.sql.database import SqlDatabase, add
from adapters.stores.sql.tables import Row, person_keys
from bot.clock import Clock
from bot.errors import SettingsError, Unreadable
from bot.identity import Person

CACHED: Final = 10_000
CACHED_SECONDS: Final = 30.0
"""How long another process may still use a key that was destroyed here."""
_WRAPPING: Final = "vault.key"
_OF: Final = sa.select(person_keys).where(person_keys.c.person == sa.bindparam("name"))


def key_id(key: bytes) -> str:
    """What a deployment's key is called in the database and in messages: a digest that does not give it away."""
    return hashlib.sha256(b"raise-bot deployment key\x00" + key).hexdigest()[:12]


class SqlVault:
    """Vault in SQL. ``keys`` are the deployment's, 32 bytes each: the first wraps, older ones only open, until
    :meth:`rotate` has wrapped everything anew."""

    def __init__(self, database: SqlDatabase, keys: Sequence[bytes], clock: Clock) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise SettingsError((f"expected deployment keys of {KEY_BYTES} bytes each, at least one",))
        self._database = database
        self._deployment = {key_id(key): key for key in keys}
        self._current = key_id(keys[0])
        self._cache: TTLCache[str, bytes] = TTLCache(CACHED, CACHED_SECONDS, timer=clock.now)
        self._shreds = 0

    async def knows(self, person: Person) -> bool:
        return await self._key(person) is not None

    async def seal(self, person: Person, plain: bytes, context: str) -> bytes:
        key = await self._key(person)
        if key is None:
            key = await self._make(person)
        return seal(key, plain, binding(person, context))

    async def open(self, person: Person, sealed: bytes, context: str) -> bytes:
        key = await self._key(person)
        if key is None:
            raise Unreadable(NO_KEY)
        return unseal(key, sealed, binding(person, context), CHANGED)

    async def shred(self, person: Person) -> int:
        name = str(person)
        self._cache.pop(name, None)

        def destroy(connection: sa.Connection) -> int:
            return connection.execute(sa.delete(person_keys).where(person_keys.c.person == name)).rowcount

        try:
            return await self._database.erase(destroy)
        finally:
            # Whoever asked meanwhile was given the key that is destroyed now, and must not go on with it.
            self._shreds += 1
            self._cache.pop(name, None)

    async def verify(self) -> None:
        """Raises SettingsError, naming the keys by their ids, when somebody's key was wrapped by a deployment key this
        process does not have: nothing should start half readable."""
        used = sa.select(person_keys.c.wrapped_by).distinct()
        named = await self._database.read(lambda connection: connection.execute(used).scalars().all())
        missing = sorted(set(named) - self._deployment.keys())
        if missing:
            problem = (
                f"RAISE_KEY: the keys of people were wrapped by the deployment key {', '.join(missing)}, and this "
                f"process has {', '.join(self._deployment)}: give it that key too (as RAISE_KEY=new,old while "
                "rotating), or restore the database and the key from the same backup"
            )
            raise SettingsError((problem,))

    async def rotate(self, limit: int) -> int:
        """Wrap at most ``limit`` keys anew that an older deployment key wrapped; returns how many. Zero means done:
        the older key may go. Interrupted, it simply goes on with what is left. Raises Unreadable, naming whose
        key is damaged."""

        def rewrap(connection: sa.Connection) -> int:
            old = sa.select(person_keys).where(person_keys.c.wrapped_by != self._current).limit(limit)
            rows = connection.execute(old).all()
            for row in rows:
                wrapped = self._wrap(row.person, self._unwrap_named(row))
                connection.execute(sa.update(person_keys).where(person_keys.c.person == row.person).values(wrapped))
            return len(rows)

        return await self._database.erase(rewrap)

    async def people(self, platform: str, workspace: str | None, user: str | None) -> tuple[Person, ...]:
        """Everybody for whom there is a key: of this platform, workspace (None: any) and account (None: any)."""
        beginning = f"{platform}:" if workspace is None else f"{platform}:{workspace}:"
        named = sa.select(person_keys.c.person).where(person_keys.c.person.startswith(beginning, autoescape=True))
        names = await self._database.read(lambda connection: connection.execute(named).scalars().all())
        return tuple(person for name in names if of(person := Person.parse(name), platform, workspace, user))

    async def _key(self, person: Person) -> bytes | None:
        """The person's key from memory or the database; None when there is none."""
        name, shreds = str(person), self._shreds
        key = self._cache.get(name)
        if key is None:
            row = await self._database.glance(lambda connection: connection.execute(_OF, {"name": name}).first())
            if row is not None:
                key = self._unwrap(row)
                self._remember(name, key, shreds)
        return key

    def _remember(self, name: str, key: bytes, shreds: int) -> None:
        """Keep the key at hand, unless any was destroyed since there were so many ``shreds``: it may be this one."""
        if shreds == self._shreds:
            self._cache[name] = key

    async def _make(self, person: Person) -> bytes:
        """A new key for the person, or the one that another turn made meanwhile."""
        name, shreds = str(person), self._shreds
        values: dict[str, object] = {"person": name, **self._wrap(name, new_key())}

        def keep(connection: sa.Connection) -> Row:
            add(connection, person_keys, values, ("person",))
            return connection.execute(_OF, {"name": name}).one()

        key = self._unwrap(await self._database.write(keep))
        self._remember(name, key, shreds)
        return key

    def _wrap(self, person: str, key: bytes) -> dict[str, object]:
        bound_to = binding(Person.parse(person), _WRAPPING)
        return {"wrapped": seal(self._deployment[self._current], key, bound_to), "wrapped_by": self._current}

    def _unwrap_named(self, row: Row) -> bytes:
        """The same for operators, who have to know whose key it is."""
        try:
            return self._unwrap(row)
        except Unreadable as problem:
            raise Unreadable(
                f"{problem}; it is the key of {row.person}: restore the table {person_keys.name} from a backup, or "
                f"forget them with: raise-bot privacy forget --user {row.person}"
            ) from None

    def _unwrap(self, row: Row) -> bytes:
        deployment = self._deployment.get(row.wrapped_by)
        if deployment is None:
            raise Unreadable(
                f"the keys of people were wrapped by the deployment key {row.wrapped_by}, this process has "
                f"{', '.join(self._deployment)}: give it the key {row.wrapped_by} (RAISE_KEY), or forget the person"
            )
        problem = "the key of a person does not open with the deployment key that wrapped it: it was changed"
        return unseal(deployment, row.wrapped, binding(Person.parse(row.person), _WRAPPING), problem)
