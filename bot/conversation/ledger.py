"""The port to what must not be lost while a turn runs: events claimed, the conversation's state, the turn's journal.

Everything here may hold text of people: what is written down is sealed (``bot.profile.vault``) with the person's own
key, in the form of ``bot.conversation.codec``; and everywhere a destroyed key makes it unreadable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.chat import Inbound
from bot.clock import Seconds
from bot.conversation.effects import Effect
from bot.conversation.states import State
from bot.identity import ConversationKey, Person


@dataclass(frozen=True, slots=True)
class Journal:
    """What a turn has decided. ``settled`` are the indexes of the model effects whose consequences are in the state
    and of ``effects`` already."""

    effects: tuple[Effect, ...]
    settled: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class TurnRow:
    """An event claimed and not yet closed. ``journal`` is what the turn has saved so far, None before that."""

    turn_id: str
    conversation: ConversationKey
    inbound: Inbound
    journal: Journal | None


class Ledger(Protocol):
    """All methods raise StoreUnavailable when the store cannot be reached, and Unreadable for a lost or wrong key and
    for what is stored in another form."""

    async def claim(self, turn_id: str, conversation: ConversationKey, inbound: Inbound, now: Seconds) -> bool:
        """Keep the event unless its id was seen before; False when it was. Atomic under concurrency."""
        ...

    async def turn(self, turn_id: str) -> TurnRow | None:
        """The open turn of this id; None when unknown or closed."""
        ...

    async def state(self, conversation: ConversationKey, now: Seconds) -> State | None:
        """The conversation's state; None when there is none or it expired (hidden at once, purged later)."""
        ...

    async def save(
        self, turn_id: str, conversation: ConversationKey, state: State, journal: Journal, expires_at: Seconds
    ) -> None:
        """Replace the conversation's state and the turn's journal, both or neither. Keeps nothing for a turn that is
        not open: its person was erased while it ran, or it is closed."""
        ...

    async def close(self, turn_id: str) -> None:
        """End the turn: event, journal and person are removed, only the id stays, to recognise a repetition."""
        ...

    async def open_turns(self) -> tuple[tuple[str, ConversationKey], ...]:
        """Every claimed turn not closed, oldest first (to be submitted again at start)."""
        ...

    async def waiting(self) -> int:
        """How many claimed turns are not closed, of all processes."""
        ...

    async def erase(self, person: Person) -> int:
        """Remove every state, event and journal of a person; returns how many rows changed. Idempotent."""
        ...

    async def purge(self, now: Seconds, limit: int) -> int:
        """Delete expired states, and ids of turns closed more than 30 days ago; at most ``limit`` rows."""
        ...
