"""Where a case goes and how much time there is, as the policy says. First match wins, the default comes last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.clock import Seconds
from bot.severity import Severity


@dataclass(frozen=True, slots=True)
class Route:
    """Where a flag goes, and until when (seconds from now) it should be decided."""

    queue: str
    within: Seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """Times of the desk, in seconds. ``claim`` is how long a claim lasts, ``take_over`` while a conversation is taken
    over, ``undo`` how long a decision can be taken back, ``watch`` when a watched case comes back, ``keep`` how long a
    closed case keeps its person. ``next_queue``: where a case goes from each queue when it is escalated."""

    claim: Seconds
    take_over: Seconds
    undo: Seconds
    watch: Seconds
    keep: Seconds
    deadlines: Mapping[Severity, Seconds]
    next_queue: Mapping[str, str]
