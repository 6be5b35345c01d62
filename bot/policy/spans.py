"""Lengths of time and moments in words: ``24 hours``, ``7 days``, ``2026-01-02 03:04 UTC``."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.policy.phrases import phrase
from bot.policy.schema import Policy

_UNITS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"))


def span(policy: Policy, locale: str, seconds: float) -> str:
    """``seconds`` in the largest unit of which there are at least two, rounded; at least one minute."""
    for size, unit in _UNITS:
        if seconds >= 2 * size:
            return phrase(policy, locale, f"span.{unit}", count=round(seconds / size))
    return phrase(policy, locale, "span.minutes", count=max(1, round(seconds / 60)))


def moment(at: float) -> str:
    """A moment as people read it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
