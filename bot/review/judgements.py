"""What a moderator can decide, as a closed choice."""

from __future__ import annotations

from dataclasses import dataclass

from bot.clock import Seconds
from bot.private import Private


@dataclass(frozen=True, slots=True)
class NoRisk:
    """Nothing to worry about. Counts against the rules that flagged it."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Look again after ``seconds``; None: after what the policy says."""

    seconds: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Write to the person as the bot, in private."""

    text: Private[str]


@dataclass(frozen=True, slots=True)
class Escalate:
    """Pass it on to the next queue."""


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Speak with the person in place of the bot, which is silent until handed back."""


Judgement = NoRisk | Watch | Contact | Escalate | TakeOver
