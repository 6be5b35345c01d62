"""Consent and the audit in memory: for tests, and for a conversation that leaves nothing behind."""

from __future__ import annotations

from collections.abc import Mapping

from bot.clock import Seconds
from bot.conversation.audit import ANSWER, Decided, Entry, Use, counted
from bot.identity import ConversationKey, Person
from bot.profile.consent import NEW, Standing


class MemoryConsents:
    """ConsentStore in memory."""

    def __init__(self) -> None:
        self._standings: dict[Person, Standing] = {}

    async def read(self, person: Person) -> Standing:
        return self._standings.get(person, NEW)

    async def write(self, person: Person, standing: Standing) -> None:
        self._standings[person] = standing

    async def erase(self, person: Person) -> int:
        return 0 if self._standings.pop(person, None) is None else 1


class MemoryAudit:
    """Audit in memory, oldest first; at most ``bound`` entries, the oldest go first."""

    def __init__(self, bound: int = 10_000) -> None:
        self._entries: dict[tuple[str, str], Entry] = {}
        self._bound = bound

    async def record(self, turn_id: str, conversation: ConversationKey, at: Seconds, decided: Decided) -> None:
        self._entries.setdefault((turn_id, decided.kind), Entry(turn_id, conversation, at, decided))
        while len(self._entries) > self._bound:
            del self._entries[next(iter(self._entries))]

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries.values())

    async def uses(self, person: Person) -> Mapping[str, Use]:
        return counted(
            (entry.at, entry.decided.known)
            for entry in self._entries.values()
            if entry.conversation.person == person and entry.decided.kind == ANSWER
        )

    async def erase(self, person: Person) -> int:
        gone = [key for key, entry in self._entries.items() if entry.conversation.person == person]
        for key in gone:
            del self._entries[key]
        return len(gone)
