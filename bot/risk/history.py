"""How risk builds up over a conversation and fades with time. Pure; holds no text."""

from __future__ import annotations

from bot.clock import Seconds
from bot.risk.verdicts import RiskHistory
from bot.severity import Category

_FORGOTTEN = 0.01
"""Scores below this are dropped."""


def score_at(history: RiskHistory, category: Category, now: Seconds, half_life: Seconds) -> float:
    """The score of ``category`` at ``now``: halved every ``half_life`` seconds; a clock that
    jumps back changes nothing."""
    score, moment = history.scores.get(category, (0.0, now))
    return float(score * 0.5 ** (max(0.0, now - moment) / half_life))


def risen(
    history: RiskHistory, added: dict[Category, float], now: Seconds, half_lives: dict[Category, Seconds]
) -> RiskHistory:
    """``history`` with ``added`` scores; what has faded away is dropped. Same object where there is nothing to do."""
    if not added and not history.scores:
        return history
    scores: dict[Category, tuple[float, Seconds]] = {}
    for category, half_life in half_lives.items():
        score = score_at(history, category, now, half_life) + added.get(category, 0.0)
        if score >= _FORGOTTEN:
            scores[category] = (score, now)
    return RiskHistory(scores)
