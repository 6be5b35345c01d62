"""The bot's own buttons: a choice whose id says what it asks for, ``do:export`` or ``do:forget.age``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.chat import Choice, ChoiceKind, Verb
from bot.conversation.work import Work
from bot.policy.phrases import find

ACTION: Final = "do:"


def button(work: Work, action: str, phrase_id: str, **values: object) -> Choice:
    return Choice(f"{ACTION}{action}", work.phrase(phrase_id, **values), ChoiceKind.ACTION)


def actions(work: Work, verbs: Iterable[Verb]) -> tuple[Choice, ...]:
    """One button a verb, for those that need no argument."""
    return tuple(
        Choice(
            f"{ACTION}{verb}",
            find(work.rules.policy, work.locale, f"privacy.choice.{verb}") or verb,
            ChoiceKind.ACTION,
        )
        for verb in verbs
    )
