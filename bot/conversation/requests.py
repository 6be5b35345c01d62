"""What people ask of the bot itself in plain words, where it is the whole of what they write: "forget me", "help".

Whoever has a bad day does not look commands up. A message that says more is something said: "I need help" is no request
for a list of commands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.chat import Verb
from bot.policy.phrases import phrases_of
from bot.policy.schema import Policy
from bot.raise_core.agent.words import words

Requests = Mapping[tuple[str, ...], Verb]
"""Words -> what is asked for by them."""
ASKED_FOR: Final = (Verb.HELP, Verb.PRIVACY, Verb.EXPORT, Verb.FORGET_ME, Verb.PAUSE, Verb.RESUME, Verb.HUMAN)
_LONGEST: Final = 100
"""Characters of the longest request."""
_COURTESY: Final = frozenset(("please", "pls", "bitte"))


def requests_of(policy: Policy) -> Requests:
    """All phrases of the policy, in every locale: people mix languages."""
    return {_plain(said): verb for verb in ASKED_FOR for said in phrases_of(policy, f"request.{verb}")}


def requested(known: Requests, text: str) -> Verb | None:
    """What the whole of ``text`` asks for; None where it is something said."""
    return known.get(_plain(text)) if len(text) <= _LONGEST else None


def _plain(text: str) -> tuple[str, ...]:
    said = words(text)
    return said if _COURTESY.isdisjoint(said) else tuple(word for word in said if word not in _COURTESY)
