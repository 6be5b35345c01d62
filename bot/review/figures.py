"""Numbers for operators and for those who must publish them. None of them leads back to a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.clock import Seconds
from bot.review.cases import Ruling
from bot.severity import Category, Severity


@dataclass(frozen=True, slots=True)
class Waiting:
    """Pending cases of one severity. ``claimed`` of them are being worked on; ``oldest`` is the moment at which the one
    waiting longest began to wait, None when there is none."""

    severity: Severity
    open: int
    claimed: int
    overdue: int
    oldest: Seconds | None


@dataclass(frozen=True, slots=True)
class RulePrecision:
    """How often a rule's flags were right: ``judged`` flags were decided, ``confirmed`` of them not as no risk."""

    rule: str
    category: Category | None
    flags: int
    judged: int
    confirmed: int

    @property
    def precision(self) -> float | None:
        """Share of judged flags that were confirmed; None before any was judged."""
        return self.confirmed / self.judged if self.judged else None


@dataclass(frozen=True, slots=True)
class Figures:
    """``waiting`` as of now; the rest about cases opened since the moment asked for. Times to first look in seconds,
    None when nobody looked; ``unseen`` cases were not looked at (yet)."""

    waiting: tuple[Waiting, ...]
    opened: int
    escalated: int
    unseen: int
    first_look_median: Seconds | None
    first_look_p90: Seconds | None
    rulings: tuple[tuple[Ruling, int], ...]
    precision: tuple[RulePrecision, ...]


@dataclass(frozen=True, slots=True)
class Referral:
    """How often people were pointed to help in one month (``2026-01``, UTC) for one category."""

    month: str
    category: Category | None
    count: int


def rank(count: int, share: float) -> int:
    """The place, from 0, of the value below which ``share`` of ``count`` ordered ones lie (nearest rank)."""
    return min(count - 1, int(share * count))


def quantile(ordered: Sequence[Seconds], share: float) -> Seconds | None:
    """The value below which ``share`` of them lie; None of nothing."""
    return ordered[rank(len(ordered), share)] if ordered else None
