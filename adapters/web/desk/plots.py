"""Figures of decisions as pages draw them: rows with numbers, and lines over days as SVG with a text in their place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from adapters.web.desk import words
from bot.clock import Seconds
from bot.review.figures import Figures, RulePrecision
from bot.review.operating import DAY, Spent, Tally

WIDTH, HEIGHT = 240, 36
_EDGE: Final = 2
MOST_DAYS: Final = 180
ASK, ANSWER, DECLINED, CRISIS = "ask", "answer", "declined", "crisis"


@dataclass(frozen=True, slots=True)
class Line:
    """``points`` of an SVG polyline in a box of WIDTH by HEIGHT; ``text`` says the same in words."""

    points: str
    text: str


@dataclass(frozen=True, slots=True)
class AttributeRow:
    name: str
    asked: int
    declined: int
    share: str
    line: Line


@dataclass(frozen=True, slots=True)
class RuleRow:
    """``found``: decisions it was behind; ``overturned``: flags that moderators judged as no risk, of ``judged``."""

    name: str
    found: int
    flags: int
    judged: int
    overturned: int
    line: Line


@dataclass(frozen=True, slots=True)
class VersionRow:
    policy: str
    asked: int
    declined: int
    answers: int
    crises: int
    ratio: str


@dataclass(frozen=True, slots=True)
class CostRow:
    model: str
    calls: int
    tokens: int
    usd: str
    line: Line


@dataclass(frozen=True, slots=True)
class Days:
    """The days that are drawn, each from its midnight (UTC)."""

    days: tuple[Seconds, ...]

    @classmethod
    def of(cls, since: Seconds, now: Seconds, told: Iterable[Seconds]) -> Days:
        """From ``since``, or from the first day there is something of, to today; at most MOST_DAYS."""
        last = now // DAY * DAY
        first = max(since, min(told, default=last)) // DAY * DAY
        first = min(last, max(first, last - (MOST_DAYS - 1) * DAY))
        return cls(tuple(first + number * DAY for number in range(int((last - first) // DAY) + 1)))

    def line(self, values: Mapping[Seconds, float], form: Callable[[float], str] = lambda value: f"{value:g}") -> Line:
        """``values`` by day; days without one count as 0."""
        series = [values.get(day, 0.0) for day in self.days]
        most = max(series)
        top, room = (most or 1.0), HEIGHT - 2 * _EDGE
        step = (WIDTH - 2 * _EDGE) / max(1, len(series) - 1)
        points = [(_EDGE + number * step, _EDGE + room * (1 - value / top)) for number, value in enumerate(series)]
        if len(points) == 1:
            points.append((WIDTH - _EDGE, points[0][1]))
        when = _date(self.days[series.index(most)])
        text = f"By day from {_date(self.days[0])} to {_date(self.days[-1])}: last {form(series[-1])}"
        text += f", highest {form(most)} on {when}." if most else ", never more."
        return Line(" ".join(f"{x:.1f},{y:.1f}" for x, y in points), text)


def attribute_rows(tallies: Sequence[Tally], days: Days) -> tuple[AttributeRow, ...]:
    """What was asked for, the most asked first."""
    asked, declined = _counted(tallies, ASK), _counted(tallies, DECLINED)
    return tuple(
        AttributeRow(
            words.plain(name),
            sum(by_day.values()),
            sum(declined[name].values()) if name in declined else 0,
            _share(sum(declined[name].values()) if name in declined else 0, sum(by_day.values())),
            days.line(by_day),
        )
        for name, by_day in sorted(asked.items(), key=lambda each: (-sum(each[1].values()), each[0]))
    )


def rule_rows(tallies: Sequence[Tally], figures: Figures, days: Days) -> tuple[RuleRow, ...]:
    """What the screen found, the most frequent first."""
    found: dict[str, Counter[Seconds]] = {}
    for each in tallies:
        if each.rule is not None:
            found.setdefault(each.rule, Counter())[each.day] += each.count
    judged: dict[str, list[RulePrecision]] = {}
    for one in figures.precision:
        judged.setdefault(one.rule, []).append(one)
    rows = [
        RuleRow(
            words.plain(rule),
            sum(found.get(rule, Counter()).values()),
            sum(each.flags for each in judged.get(rule, [])),
            sum(each.judged for each in judged.get(rule, [])),
            sum(each.judged - each.confirmed for each in judged.get(rule, [])),
            days.line(found.get(rule, {})),
        )
        for rule in {*found, *judged}
    ]
    return tuple(sorted(rows, key=lambda row: (-row.found, -row.flags, row.name)))


def version_rows(tallies: Sequence[Tally]) -> tuple[VersionRow, ...]:
    """Each policy that decided, the busiest first; those of its places count with it."""
    by: dict[str, Counter[str]] = {}
    for each in tallies:
        by.setdefault(each.policy.partition("/")[0], Counter())[each.kind] += each.count
    return tuple(
        VersionRow(policy, kinds[ASK], kinds[DECLINED], kinds[ANSWER], kinds[CRISIS], ratio(kinds[ASK], kinds[ANSWER]))
        for policy, kinds in sorted(by.items(), key=lambda each: (-each[1].total(), each[0]))
    )


def ratio_line(tallies: Sequence[Tally], days: Days) -> Line:
    """Questions per answer by day."""
    asked, answers = _by_day(tallies, ASK), _by_day(tallies, ANSWER)
    per = {day: asked[day] / answers[day] for day in answers if answers[day]}
    return days.line(per, lambda value: f"{value:.2f}")


def totals(tallies: Sequence[Tally]) -> Mapping[str, int]:
    kinds: Counter[str] = Counter()
    for each in tallies:
        kinds[each.kind] += each.count
    return {name: kinds[name] for name in (ASK, DECLINED, ANSWER, CRISIS)}


def cost_rows(spent: Sequence[Spent], days: Days) -> tuple[CostRow, ...]:
    """Models, the dearest first; a price that is not known is said to be so."""
    by: dict[str, list[Spent]] = {}
    for each in spent:
        by.setdefault(each.model, []).append(each)
    rows = []
    for model, uses in by.items():
        usd, unpriced = sum(each.usd for each in uses), sum(each.unpriced for each in uses)
        said = f"{usd:.2f}" if not unpriced else f"{usd:.2f} and more" if usd else "price not known"
        line = days.line(_summed((each.day, each.usd) for each in uses), lambda value: f"{value:.2f} USD")
        rows.append(CostRow(model, sum(e.calls for e in uses), sum(e.tokens for e in uses), said, line))
    return tuple(sorted(rows, key=lambda row: (-row.tokens, row.model)))


def ratio(asked: int, answers: int) -> str:
    return f"{asked / answers:.2f}" if answers else "none yet"


def _counted(tallies: Sequence[Tally], kind: str) -> dict[str, Counter[Seconds]]:
    found: dict[str, Counter[Seconds]] = {}
    for each in tallies:
        if each.kind == kind and each.attribute is not None:
            found.setdefault(each.attribute, Counter())[each.day] += each.count
    return found


def _by_day(tallies: Sequence[Tally], kind: str) -> Counter[Seconds]:
    by_day: Counter[Seconds] = Counter()
    for each in tallies:
        if each.kind == kind:
            by_day[each.day] += each.count
    return by_day


def _summed(pairs: Iterable[tuple[Seconds, float]]) -> dict[Seconds, float]:
    found: dict[Seconds, float] = {}
    for day, value in pairs:
        found[day] = found.get(day, 0.0) + value
    return found


def _share(part: int, whole: int) -> str:
    return f"{round(100 * part / whole)} %" if whole else ""


def _date(day: Seconds) -> str:
    moment = datetime.fromtimestamp(day, UTC)
    return f"{moment.day} {moment:%b}"
