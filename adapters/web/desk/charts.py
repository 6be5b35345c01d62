"""Figures as rows with bars; the template draws the bars as SVG, without a script."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from adapters.web.desk import words
from bot.clock import Seconds
from bot.review.figures import Figures, Referral


@dataclass(frozen=True, slots=True)
class Bar:
    """``part`` and ``whole`` are of 100, the width of the drawing: what was confirmed, out of how many."""

    label: str
    value: str
    whole: float
    part: float = 0.0


@dataclass(frozen=True, slots=True)
class WaitingRow:
    severity: str
    label: str
    open: int
    claimed: int
    overdue: int
    oldest: str


def waiting_rows(figures: Figures, now: Seconds) -> tuple[WaitingRow, ...]:
    return tuple(
        WaitingRow(
            each.severity.value,
            words.SEVERITIES[each.severity],
            each.open,
            each.claimed,
            each.overdue,
            "" if each.oldest is None else words.span(now - each.oldest),
        )
        for each in sorted(figures.waiting, key=lambda each: -each.severity.rank)
    )


def ruling_bars(figures: Figures) -> tuple[Bar, ...]:
    most = max((count for _, count in figures.rulings), default=0)
    return tuple(
        Bar(words.RULINGS[ruling], str(count), _of(count, most))
        for ruling, count in sorted(figures.rulings, key=lambda each: -each[1])
    )


def rule_bars(figures: Figures) -> tuple[Bar, ...]:
    """How many flags of each rule were judged, and the part of them that was confirmed."""
    most = max((rule.judged for rule in figures.precision), default=0)
    return tuple(
        Bar(
            f"{rule.rule.replace('_', ' ')} ({words.category(rule.category).lower()})",
            f"{rule.confirmed} of {rule.judged} confirmed"
            if rule.judged
            else f"{rule.flags} {'flag' if rule.flags == 1 else 'flags'}, none judged yet",
            _of(rule.judged, most),
            _of(rule.confirmed, most),
        )
        for rule in sorted(figures.precision, key=lambda rule: (-rule.judged, rule.rule))
    )


def referral_rows(referrals: Iterable[Referral]) -> tuple[tuple[str, str, int], ...]:
    """Newest month first."""
    rows = [(each.month, words.category(each.category), each.count) for each in referrals]
    return tuple(sorted(rows, key=lambda row: (row[0], row[2]), reverse=True))


def _of(count: int, most: int) -> float:
    return round(100 * count / most, 1) if most else 0.0
