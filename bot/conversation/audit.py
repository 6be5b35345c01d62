"""The port to the record of decisions: features only, never text, so that it can be kept, replayed and explained."""

from __future__ import annotations

from typing import Protocol

from bot.clock import Seconds
from bot.conversation.effects import Decided
from bot.identity import ConversationKey


class Audit(Protocol):
    async def record(self, turn_id: str, conversation: ConversationKey, at: Seconds, decided: Decided) -> None:
        """Keep one decision of one turn. Idempotent on (turn_id, decided.kind)."""
        ...
