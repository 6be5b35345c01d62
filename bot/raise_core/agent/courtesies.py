"""Greetings and thanks, where they are all that somebody writes: for answers that no model writes."""

from __future__ import annotations

from typing import Final, Literal

from bot.policy.phrases import phrases_of
from bot.policy.schema import Policy
from bot.raise_core.agent.words import words

Courtesy = Literal["greeting", "thanks"]
_COURTESIES: Final[tuple[Courtesy, ...]] = ("greeting", "thanks")
_LONGEST: Final = 40
"""Characters."""


def courtesy_of(policy: Policy, text: str) -> Courtesy | None:
    """What the whole of ``text`` is, in any language of the policy; None where it says more."""
    if len(text) > _LONGEST:
        return None
    said = words(text)
    return next((each for each in _COURTESIES if said in map(words, phrases_of(policy, f"said.{each}"))), None)
