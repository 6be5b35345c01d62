"""The ledger and the vault in this process's memory: for tests, benchmarks and conversations nobody needs to keep.

They refuse what the SQL ones refuse: a destroyed key makes everything unreadable here too. Nothing is written down, so
the ledger keeps values as they are, each with the key that it belongs to.
"""

from __future__ import annotations

from typing import Generic

from adapters.stores.contexts import REMEMBERED
from adapters.stores.sealing import CHANGED, NO_KEY, binding, new_key, of, seal, unseal
from bot.chat import Inbound
from bot.clock import Clock, Seconds
from bot.conversation.ledger import J, S, TurnRow
from bot.errors import Unreadable
from bot.frozen import dataclass, replace
from bot.identity import ConversationKey, Person


class MemoryVault:
    """Vault whose keys live as long as the process."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}

    def key(self, person: Person) -> bytes:
        """The person's key; a new one where there is none."""
        name = str(person)
        key = self._keys.get(name)
        if key is None:
            key = self._keys[name] = new_key()
        return key

    def check(self, person: Person, key: bytes) -> None:
        """Raises Unreadable unless ``key`` is still the person's."""
        if self._keys.get(str(person)) != key:
            raise Unreadable(NO_KEY)

    async def knows(self, person: Person) -> bool:
        return str(person) in self._keys

    async def seal(self, person: Person, plain: bytes, context: str) -> bytes:
        return seal(self.key(person), plain, binding(person, context))

    async def open(self, person: Person, sealed: bytes, context: str) -> bytes:
        key = self._keys.get(str(person))
        if key is None:
            raise Unreadable(NO_KEY)
        return unseal(key, sealed, binding(person, context), CHANGED)

    async def people(self, platform: str, workspace: str | None, user: str | None) -> tuple[Person, ...]:
        """Everybody for whom there is a key: of this platform, workspace (None: any) and account (None: any)."""
        known = (Person.parse(name) for name in self._keys)
        return tuple(person for person in known if of(person, platform, workspace, user))

    async def shred(self, person: Person) -> int:
        return 0 if self._keys.pop(str(person), None) is None else 1


@dataclass(frozen=True, slots=True)
class _Open(Generic[J]):
    conversation: ConversationKey
    key: bytes
    inbound: Inbound
    journal: J | None = None
    crisis_shown: bool = False


@dataclass(frozen=True, slots=True)
class _State(Generic[S]):
    key: bytes
    state: S
    expires_at: Seconds


class MemoryLedger(Generic[S, J]):
    """Ledger in memory."""

    def __init__(self, vault: MemoryVault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock
        self._open: dict[str, _Open[J]] = {}
        self._closed: dict[str, Seconds] = {}
        self._unanswered: set[str] = set()
        self._states: dict[ConversationKey, _State[S]] = {}

    async def claim(self, turn_id: str, conversation: ConversationKey, inbound: Inbound, now: Seconds) -> bool:
        if turn_id in self._closed or (turn_id in self._open and await self._readable(turn_id)):
            return False  # before there is a key: a late repetition must not make one for a forgotten person
        self._open[turn_id] = _Open(conversation, self._vault.key(conversation.person), inbound)
        return True

    async def _readable(self, turn_id: str) -> bool:
        try:
            return await self.turn(turn_id) is not None
        except Unreadable:
            return False

    async def turn(self, turn_id: str) -> TurnRow[J] | None:
        row = self._open.get(turn_id)
        if row is None:
            return None
        self._vault.check(row.conversation.person, row.key)
        return TurnRow(turn_id, row.conversation, row.inbound, row.journal, row.crisis_shown)

    async def crisis_shown(self, turn_id: str) -> None:
        if (row := self._open.get(turn_id)) is not None:
            self._open[turn_id] = replace(row, crisis_shown=True)
        self._unanswered.discard(turn_id)

    async def unanswered(self, turn_id: str) -> bool:
        return turn_id in self._unanswered

    async def state(self, conversation: ConversationKey, now: Seconds) -> S | None:
        row = self._states.get(conversation)
        if row is None or now >= row.expires_at:
            return None
        self._vault.check(conversation.person, row.key)
        return row.state

    async def save(
        self, turn_id: str, conversation: ConversationKey, state: S, journal: J, expires_at: Seconds
    ) -> None:
        row = self._open.get(turn_id)
        if row is not None:
            key = self._vault.key(conversation.person)
            self._open[turn_id] = replace(row, journal=journal)
            self._states[conversation] = _State(key, state, expires_at)

    async def close(self, turn_id: str) -> None:
        if self._open.pop(turn_id, None) is not None:
            self._closed[turn_id] = self._clock.now()

    async def open_turns(self, *, of: Person | None = None) -> tuple[tuple[str, ConversationKey], ...]:
        turns = ((turn_id, row.conversation) for turn_id, row in self._open.items())
        return tuple(each for each in turns if of is None or each[1].person == of)

    async def waiting(self) -> int:
        return len(self._open)

    async def erase(self, person: Person) -> int:
        turns = [turn_id for turn_id, row in self._open.items() if row.conversation.person == person]
        self._unanswered.update(turn_id for turn_id in turns if not self._open[turn_id].crisis_shown)
        for turn_id in turns:
            await self.close(turn_id)
        states = [key for key in self._states if key.person == person]
        for key in states:
            del self._states[key]
        return len(turns) + len(states)

    async def purge(self, now: Seconds, limit: int) -> int:
        states = [key for key, row in self._states.items() if row.expires_at <= now][:limit]
        for key in states:
            del self._states[key]
        ids = [turn_id for turn_id, at in self._closed.items() if at <= now - REMEMBERED][: limit - len(states)]
        for turn_id in ids:
            del self._closed[turn_id]
        self._unanswered.difference_update(ids)
        return len(states) + len(ids)
