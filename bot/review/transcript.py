"""The port to what was said: the last lines of a conversation, only while the conversation itself still exists."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.clock import Seconds
from bot.identity import ConversationKey
from bot.private import Private


class Voice(StrEnum):
    PERSON = "person"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Line:
    voice: Voice
    text: Private[str]


class Transcript(Protocol):
    async def lines(self, conversation: ConversationKey, now: Seconds) -> tuple[Line, ...] | None:
        """Oldest first; None when nothing of the conversation is kept any more. Raises StoreUnavailable and
        Unreadable."""
        ...
