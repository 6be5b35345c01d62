"""The ledger in SQL: events claimed, states and journals, sealed with the person's own key."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from adapters.stores.contexts import REMEMBERED, journal_context, payload_context, state_context
from adapters.stores.sql.database import SqlDatabase, add, put
from adapters.stores.sql.tables import conversation_of, states, turns, where
from bot.clock import Clock, Seconds
from bot.conversation.ledger import TurnRow
from bot.identity import ConversationKey, Person
from bot.profile.vault import Vault


class SqlLedger:
    """Ledger in SQL."""

    def __init__(self, database: SqlDatabase, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    async def claim(self, turn_id: str, conversation: ConversationKey, payload: bytes, now: Seconds) -> bool:
        known = sa.select(turns.c.number).where(turns.c.turn_id == turn_id)
        if await self._database.read(lambda connection: connection.execute(known).first()) is not None:
            return False  # before sealing: a late repetition must not make a key for a forgotten person
        sealed = await self._vault.seal(conversation.person, payload, payload_context(turn_id))
        values = {"turn_id": turn_id, **where(conversation), "payload": sealed}
        return await self._database.write(lambda connection: add(connection, turns, values, ["turn_id"]))

    async def turn(self, turn_id: str) -> TurnRow | None:
        row = await self._database.read(lambda connection: connection.execute(_open_turn(turn_id)).first())
        if row is None:
            return None
        conversation = conversation_of(row)
        payload = await self._vault.open(conversation.person, row.payload, payload_context(turn_id))
        journal = None
        if row.journal is not None:
            journal = await self._vault.open(conversation.person, row.journal, journal_context(turn_id))
        return TurnRow(turn_id, conversation, payload, journal)

    async def state(self, conversation: ConversationKey, now: Seconds) -> bytes | None:
        living = sa.select(states.c.state).where(
            *(states.c[name] == value for name, value in where(conversation).items()), states.c.expires_at > now
        )
        sealed = await self._database.read(lambda connection: connection.execute(living).scalar())
        if sealed is None:
            return None
        return await self._vault.open(conversation.person, sealed, state_context(conversation))

    async def save(
        self, turn_id: str, conversation: ConversationKey, state: bytes, journal: bytes, expires_at: Seconds
    ) -> None:
        if await self._database.read(lambda connection: connection.execute(_open_turn(turn_id)).first()) is None:
            return
        person = conversation.person
        sealed_state = await self._vault.seal(person, state, state_context(conversation))
        sealed_journal = await self._vault.seal(person, journal, journal_context(turn_id))

        def replace(connection: sa.Connection) -> None:
            still_open = turns.c.turn_id == turn_id, turns.c.closed_at.is_(None)
            if connection.execute(sa.update(turns).where(*still_open).values(journal=sealed_journal)).rowcount:
                values = {**where(conversation), "state": sealed_state, "expires_at": expires_at}
                put(connection, states, values, ["person", "place", "space"])

        await self._database.write(replace)

    async def close(self, turn_id: str) -> None:
        await self._database.write(lambda connection: self._close(connection, turns.c.turn_id == turn_id))

    async def open_turns(self) -> tuple[tuple[str, ConversationKey], ...]:
        oldest_first = (
            sa.select(turns.c.turn_id, turns.c.person, turns.c.place, turns.c.space)
            .where(turns.c.closed_at.is_(None))
            .order_by(turns.c.number)
        )
        rows = await self._database.read(lambda connection: connection.execute(oldest_first).all())
        return tuple((row.turn_id, conversation_of(row)) for row in rows)

    async def erase(self, person: Person) -> int:
        def forget(connection: sa.Connection) -> int:
            gone = connection.execute(sa.delete(states).where(states.c.person == str(person))).rowcount
            return gone + self._close(connection, turns.c.person == str(person))

        return await self._database.erase(forget)

    async def purge(self, now: Seconds, limit: int) -> int:
        def take(connection: sa.Connection) -> int:
            expired = sa.select(states).where(states.c.expires_at <= now).limit(limit)
            keys = connection.execute(expired.with_only_columns(states.c.person, states.c.place, states.c.space)).all()
            for person, place, space in keys:
                connection.execute(
                    sa.delete(states).where(states.c.person == person, states.c.place == place, states.c.space == space)
                )
            old = sa.select(turns.c.number).where(turns.c.closed_at <= now - REMEMBERED).limit(limit - len(keys))
            return len(keys) + connection.execute(sa.delete(turns).where(turns.c.number.in_(old))).rowcount

        return await self._database.write(take)

    def _close(self, connection: sa.Connection, which: sa.ColumnElement[bool]) -> int:
        """Empty open turns of everything but their id."""
        emptied = {"person": None, "place": None, "space": None, "payload": None, "journal": None}
        still_open = sa.update(turns).where(which, turns.c.closed_at.is_(None))
        return connection.execute(still_open.values(**emptied, closed_at=self._clock.now())).rowcount


def _open_turn(turn_id: str) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(turns).where(turns.c.turn_id == turn_id, turns.c.closed_at.is_(None))
