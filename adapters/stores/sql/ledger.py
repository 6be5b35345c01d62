"""The ledger in SQL: events claimed, states and journals, sealed with the person's own key."""

from __future__ import annotations

from typing import Final, Generic

import sqlalchemy as sa

from adapters.stores.contexts import REMEMBERED, journal_context, payload_context, state_context
from adapters.stores.sql.database import SqlDatabase, add, put
from adapters.stores.sql.tables import Row, conversation_of, states, turns, where
from bot.chat import Inbound
from bot.clock import Clock, Seconds
from bot.conversation.ledger import Forms, J, S, TurnRow
from bot.errors import Unreadable
from bot.identity import ConversationKey, Person
from bot.profile.vault import Vault

_TURN: Final = turns.c.turn_id == sa.bindparam("turn")
_STILL_OPEN: Final = turns.c.closed_at.is_(None)
_KNOWN: Final = sa.select(turns.c.number).where(_TURN)
_OPEN: Final = sa.select(turns).where(_TURN, _STILL_OPEN)
_UNANSWERED: Final = sa.and_(turns.c.closed_at.is_not(None), turns.c.crisis_shown.is_(False))
_SHOWN: Final = sa.update(turns).where(_TURN, sa.or_(_STILL_OPEN, _UNANSWERED)).values(crisis_shown=True)
# What several find unreadable at once, one of them keeps anew.
_RENEW: Final = (
    sa.update(turns)
    .where(_TURN, _STILL_OPEN, turns.c.payload == sa.bindparam("was"))
    .values(journal=sa.null(), crisis_shown=sa.null())
)
_NOTE: Final = sa.update(turns).where(_TURN, _STILL_OPEN).values(journal=sa.bindparam("noted"))
# Closing empties a turn of everything but its id.
_CLOSING: Final = (
    sa.update(turns)
    .where(_STILL_OPEN)
    .values(
        **dict.fromkeys(("person", "place", "space", "payload", "journal", "crisis_shown")),
        closed_at=sa.bindparam("now"),
    )
)
_CLOSE: Final = _CLOSING.where(_TURN)
# Erased is not ended: what nothing went out for is told apart.
_CLOSE_ALL: Final = _CLOSING.where(turns.c.person == sa.bindparam("of")).values(
    crisis_shown=sa.case((turns.c.crisis_shown.is_(True), sa.null()), else_=sa.false())
)
_LIVING: Final = sa.select(states.c.state).where(
    states.c.person == sa.bindparam("person"),
    states.c.place == sa.bindparam("place"),
    states.c.space == sa.bindparam("space"),
    states.c.expires_at > sa.bindparam("now"),
)


class SqlLedger(Generic[S, J]):
    """Ledger in SQL."""

    def __init__(self, database: SqlDatabase, vault: Vault, clock: Clock, forms: Forms[S, J]) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._forms = forms

    async def claim(self, turn_id: str, conversation: ConversationKey, inbound: Inbound, now: Seconds) -> bool:
        # Looked up before sealing only where that would make a key: a late repetition must not, for a forgotten person.
        known = not await self._vault.knows(conversation.person) and await self._first(_KNOWN, {"turn": turn_id})
        if not known:
            sealed = await self._vault.seal(conversation.person, self._forms.write(inbound), payload_context(turn_id))
            values = {"turn_id": turn_id, **where(conversation), "payload": sealed}
            if await self._database.write(lambda connection: add(connection, turns, values, ("turn_id",))):
                return True
        return await self._renewed(turn_id, conversation, inbound)

    async def _renewed(self, turn_id: str, conversation: ConversationKey, inbound: Inbound) -> bool:
        """Whether an event that is known was kept anew: what it was sealed with had been destroyed meanwhile."""
        try:
            await self.turn(turn_id)
        except Unreadable:
            lost = await self._first(_OPEN, {"turn": turn_id})
        else:
            return False
        if lost is None:
            return False
        sealed = await self._vault.seal(conversation.person, self._forms.write(inbound), payload_context(turn_id))
        values = {**where(conversation), "payload": sealed}
        was = {"turn": turn_id, "was": lost.payload}
        return await self._database.write(
            lambda connection: bool(connection.execute(_RENEW.values(values), was).rowcount)
        )

    async def turn(self, turn_id: str) -> TurnRow[J] | None:
        row = await self._first(_OPEN, {"turn": turn_id})
        if row is None:
            return None
        conversation = conversation_of(row)
        payload = await self._vault.open(conversation.person, row.payload, payload_context(turn_id))
        journal = None
        if row.journal is not None:
            noted = await self._vault.open(conversation.person, row.journal, journal_context(turn_id))
            journal = self._forms.journal(noted)
        return TurnRow(turn_id, conversation, self._forms.event(payload), journal, bool(row.crisis_shown))

    async def crisis_shown(self, turn_id: str) -> None:
        await self._database.write(lambda connection: connection.execute(_SHOWN, {"turn": turn_id}))

    async def unanswered(self, turn_id: str) -> bool:
        return await self._first(_KNOWN.where(_UNANSWERED), {"turn": turn_id}) is not None

    async def state(self, conversation: ConversationKey, now: Seconds) -> S | None:
        row = await self._first(_LIVING, {**where(conversation), "now": now})
        if row is None:
            return None
        content = await self._vault.open(conversation.person, row.state, state_context(conversation))
        return self._forms.state(content)

    async def save(
        self, turn_id: str, conversation: ConversationKey, state: S, journal: J, expires_at: Seconds
    ) -> None:
        person = conversation.person
        if not await self._vault.knows(person):
            return  # forgotten: a late turn must not make a key
        sealed_state = await self._vault.seal(person, self._forms.write(state), state_context(conversation))
        sealed_journal = await self._vault.seal(person, self._forms.write(journal), journal_context(turn_id))

        def replace(connection: sa.Connection) -> None:
            if connection.execute(_NOTE, {"turn": turn_id, "noted": sealed_journal}).rowcount:
                values = {**where(conversation), "state": sealed_state, "expires_at": expires_at}
                put(connection, states, values, ("person", "place", "space"))

        await self._database.write(replace)

    async def close(self, turn_id: str) -> None:
        values = {"turn": turn_id, "now": self._clock.now()}
        await self._database.write(lambda connection: connection.execute(_CLOSE, values))

    async def open_turns(self, *, of: Person | None = None) -> tuple[tuple[str, ConversationKey], ...]:
        oldest_first = (
            sa.select(turns.c.turn_id, turns.c.person, turns.c.place, turns.c.space)
            .where(turns.c.closed_at.is_(None))
            .order_by(turns.c.number)
        )
        if of is not None:
            oldest_first = oldest_first.where(turns.c.person == str(of))
        rows = await self._database.read(lambda connection: connection.execute(oldest_first).all())
        return tuple((row.turn_id, conversation_of(row)) for row in rows)

    async def waiting(self) -> int:
        counted = sa.select(sa.func.count()).select_from(turns).where(turns.c.closed_at.is_(None))
        return await self._database.read(lambda connection: connection.execute(counted).scalar_one())

    async def erase(self, person: Person) -> int:
        def forget(connection: sa.Connection) -> int:
            gone = connection.execute(sa.delete(states).where(states.c.person == str(person))).rowcount
            values = {"of": str(person), "now": self._clock.now()}
            return gone + connection.execute(_CLOSE_ALL, values).rowcount

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

    async def _first(self, statement: sa.Executable, values: dict[str, object]) -> Row | None:
        return await self._database.glance(lambda connection: connection.execute(statement, values).first())
