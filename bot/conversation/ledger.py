"""The port to what must not be lost while a turn runs: events claimed, the conversation's state, the turn's journal.

Everything here may hold text of people: what is written down is sealed (``bot.profile.vault``) with the person's own
key, in the form of ``bot.conversation.codec``; and everywhere a destroyed key makes it unreadable.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from bot.chat import Inbound
from bot.clock import Seconds
from bot.frozen import dataclass
from bot.identity import ConversationKey, Person

S = TypeVar("S")
J = TypeVar("J")
"""State and journal are a conversation's own; a store keeps them without knowing what is in them."""


@dataclass(frozen=True, slots=True)
class Forms(Generic[S, J]):
    """How what a ledger keeps is written down, and read again (raises Unreadable for anything else)."""

    write: Callable[[Inbound | S | J], bytes]
    event: Callable[[bytes], Inbound]
    state: Callable[[bytes], S]
    journal: Callable[[bytes], J]


@dataclass(frozen=True, slots=True)
class TurnRow(Generic[J]):
    """An event claimed and not yet closed. ``journal`` is what the turn has saved so far, None before that;
    ``crisis_shown``: the intake of some process has replied to it already."""

    turn_id: str
    conversation: ConversationKey
    inbound: Inbound
    journal: J | None
    crisis_shown: bool = False


class Ledger(Protocol[S, J]):
    """All methods raise StoreUnavailable when the store cannot be reached, and Unreadable for a lost or wrong key and
    for what is stored in another form."""

    async def claim(self, turn_id: str, conversation: ConversationKey, inbound: Inbound, now: Seconds) -> bool:
        """Keep the event unless its id was seen before; False when it was. Atomic under concurrency. An open one that
        cannot be read any more (its person was erased while it was being kept) is kept anew."""
        ...

    async def turn(self, turn_id: str) -> TurnRow[J] | None:
        """The open turn of this id; None when unknown or closed."""
        ...

    async def crisis_shown(self, turn_id: str) -> None:
        """Note that resources went out for this event: whichever process takes its turn does not send them again."""
        ...

    async def unanswered(self, turn_id: str) -> bool:
        """Whether the turn of this event was erased with its person before resources went out for it."""
        ...

    async def state(self, conversation: ConversationKey, now: Seconds) -> S | None:
        """The conversation's state; None when there is none or it expired (hidden at once, purged later)."""
        ...

    async def save(
        self, turn_id: str, conversation: ConversationKey, state: S, journal: J, expires_at: Seconds
    ) -> None:
        """Replace the conversation's state and the turn's journal, both or neither. Keeps nothing for a turn that is
        not open: its person was erased while it ran, or it is closed."""
        ...

    async def close(self, turn_id: str) -> None:
        """End the turn: event, journal and person are removed, only the id stays, to recognise a repetition."""
        ...

    async def open_turns(self, *, of: Person | None = None) -> tuple[tuple[str, ConversationKey], ...]:
        """Every claimed turn not closed, oldest first (to be submitted again at start); ``of`` one person alone."""
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
