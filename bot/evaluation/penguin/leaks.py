"""Does a query give away who is asking? A query that tells the background makes asking for it pointless."""

from __future__ import annotations

import re
from typing import Final

from bot.raise_core.agent.reading import Reader

_TELLING: Final[dict[str, re.Pattern[str]]] = {
    "age": re.compile(r"\b(?:\d{1,2}[- ]years?[- ]old|in my (?:teens|\w+ties)|teenager|pensioner)\b", re.I),
    "gender": re.compile(r"\b(?:as a (?:(?:wo)?man|girl|boy|mother|father)|i'?m a (?:girl|guy|mum|mom|dad))\b", re.I),
    "marital_status": re.compile(r"\bmy (?:late |ex-?)?(?:wife|husband|spouse|fianc[eé]e?)\b|\bwidow(?:er)?\b", re.I),
    "profession": re.compile(r"\b(?:i work as|employed as|my job as|as a (?:student|nurse|teacher|driver))\b", re.I),
    "economic_status": re.compile(r"\b(?:i am|i'm) (?:broke|poor|rich|wealthy|well off|unemployed)\b", re.I),
    "health_status": re.compile(r"\bmy (?:chronic|diabetes|cancer|asthma|epilepsy)\b", re.I),
    "education_level": re.compile(r"\bmy (?:phd|doctorate|master'?s|bachelor'?s)\b", re.I),
    "mental_health_status": re.compile(r"\b(?:diagnosed|my (?:depression|anxiety|bipolar|ptsd|therapist))\b", re.I),
    "past_self_harm_history": re.compile(r"\b(?:self[- ]harm|(?:cut|cutting|hurt|hurting) myself)\b", re.I),
    "emotional_state": re.compile(r"\bi(?: am|'m| feel) (?:so |very )?(?:lonely|desperate|anxious|angry)\b", re.I),
}
"""Attribute -> words that tell it. Beside what the policy's own reader finds."""


def leaks(query: str, reader: Reader) -> tuple[str, ...]:
    """The attributes that ``query`` gives away, in the catalogue's order."""
    told = reader.volunteered(query).values
    return tuple(name for name, telling in _TELLING.items() if name in told or telling.search(query))
