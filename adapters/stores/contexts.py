"""What the ledgers agree on: the contexts their texts are sealed for, and how long an id is remembered."""

from __future__ import annotations

from typing import Final

from bot.clock import Seconds
from bot.identity import ConversationKey

REMEMBERED: Final[Seconds] = 30 * 86_400.0
"""How long the id of a closed turn is kept to recognise a repetition: far longer than any platform retries."""


def payload_context(turn_id: str) -> str:
    """The event that started a turn."""
    return f"ledger.payload {turn_id}"


def journal_context(turn_id: str) -> str:
    """What a turn has saved so far."""
    return f"ledger.journal {turn_id}"


def state_context(conversation: ConversationKey) -> str:
    """The state of a conversation."""
    return f"ledger.state {conversation}"


def note_context(note_id: str) -> str:
    """What a moderator noted about a conversation."""
    return f"note:{note_id}"


def errand_context(errand_id: str) -> str:
    """What a moderator writes to a person."""
    return f"errand:{errand_id}"


def envelope_context(key: str) -> str:
    """A message that waits for a button to be pressed."""
    return f"envelope:{key}"
