"""What reaches people when a conversation looks dangerous: flags, and the port that takes them."""

from __future__ import annotations

from typing import Protocol

from bot.clock import Seconds
from bot.frozen import dataclass
from bot.identity import ConversationKey
from bot.severity import Category, Severity, Subject


@dataclass(frozen=True, slots=True)
class Flag:
    """A reason for a person to look. ``id`` is stable when the same flag is raised again (turn id and category);
    ``rule`` names the rule of the policy, or ``model``, ``screen_failed``, ``person`` (asked for a human).
    ``locale`` is the person's language, for what people write to them."""

    id: str
    conversation: ConversationKey
    severity: Severity
    category: Category | None
    rule: str
    subject: Subject | None
    policy_id: str
    turn: str
    at: Seconds
    locale: str = "und"


class FlagDesk(Protocol):
    async def take(self, flag: Flag) -> None:
        """Keep the flag for moderators. Idempotent on ``flag.id``. Raises StoreUnavailable."""
        ...
