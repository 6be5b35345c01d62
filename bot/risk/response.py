"""What follows from a verdict, in one place, so that the conversation and ``raise-bot explain`` agree."""

from __future__ import annotations

from typing import Final

from bot.frozen import dataclass
from bot.risk.verdicts import Verdict
from bot.severity import Severity


@dataclass(frozen=True, slots=True)
class CrisisReply:
    """Acknowledge and show where to find help at once, with no question; people are told."""


@dataclass(frozen=True, slots=True)
class FlagOnly:
    """Signs of concern have built up: people are told, the conversation goes on."""


@dataclass(frozen=True, slots=True)
class Proceed:
    """The conversation goes on."""


Response = CrisisReply | FlagOnly | Proceed
_GRAVE: Final = (Severity.HIGH, Severity.IMMINENT)
_CRISIS, _FLAG, _PROCEED = CrisisReply(), FlagOnly(), Proceed()


def response_for(verdict: Verdict) -> Response:
    """High and imminent risk, of the writer or of somebody else, get the crisis reply; concern is flagged once the
    policy's ``escalate_at`` says so (``verdict.built_up``)."""
    if verdict.severity in _GRAVE:
        return _CRISIS
    if verdict.severity is Severity.CONCERN and verdict.built_up:
        return _FLAG
    return _PROCEED
