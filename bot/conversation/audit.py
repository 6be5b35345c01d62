"""The record of decisions and the port to it: features only, never text, to be kept, replayed and explained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.clock import Seconds
from bot.identity import ConversationKey
from bot.severity import Category, Severity


@dataclass(frozen=True, slots=True)
class Decided:
    """Why this step was taken, in features only: the audit's line. ``because`` is the acquisition's own sentence."""

    kind: str
    policy_id: str
    domain: str | None = None
    domain_score: float = 0.0
    attribute: str | None = None
    because: str = ""
    asked: int = 0
    known: tuple[str, ...] = ()
    severity: Severity = Severity.NONE
    category: Category | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision of one turn, as it is kept."""

    turn_id: str
    conversation: ConversationKey
    at: Seconds
    decided: Decided


class Audit(Protocol):
    async def record(self, turn_id: str, conversation: ConversationKey, at: Seconds, decided: Decided) -> None:
        """Keep one decision of one turn. Idempotent on (turn_id, decided.kind)."""
        ...
