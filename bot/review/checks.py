"""What must hold before a step: the case still has its person, the moderator holds it, a text is one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from bot.clock import Seconds
from bot.errors import CaseGone, CaseHeld, InputError, NotHeld
from bot.private import Private
from bot.review.cases import Case, Departure
from bot.review.moderators import Moderator

_WHY: Final = {
    Departure.FORGOTTEN: "the person asked to be forgotten",
    Departure.EXPIRED: "it was kept as long as the policy says",
}


def living(case: Case) -> Case:
    """Raises CaseGone, saying why and when, for a case that has lost its person."""
    if case.gone is not None:
        raise CaseGone(departure(case))
    return case


def departure(case: Case) -> str:
    """Why nothing of the conversation is left, in one sentence; empty for a case that is not gone."""
    if case.gone is None:
        return ""
    when = datetime.fromtimestamp(case.gone.at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"case {case.id} is gone since {when}: {_WHY[case.gone.why]}; only decisions without text remain"


def held_by(case: Case, who: Moderator, now: Seconds) -> Case:
    """Raises CaseGone, CaseHeld or NotHeld unless ``who`` holds the case at this moment."""
    living(case)
    holder = case.holder(now)
    if holder == who.name:
        return case
    if holder is not None and case.claim is not None:
        raise CaseHeld(f"case {case.id} is held by {holder}: ask them to hand it over", holder, case.claim.until)
    if not case.pending:
        raise NotHeld(f"case {case.id} is {case.state} already: undo that decision first, if it is not too late")
    raise NotHeld(f"you do not hold case {case.id} (released, or the claim ran out): claim it first")


def readable(text: Private[str], longest: int) -> None:
    """Raises InputError for a text that is empty or too long."""
    length = len(text.reveal())
    if not text.reveal().strip():
        raise InputError("expected a text, got an empty one: write at least a word")
    if length > longest:
        raise InputError(f"expected at most {longest} characters, got {length}: shorten the text")
