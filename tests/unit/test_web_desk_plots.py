"""What the operators' pages count and draw."""

from __future__ import annotations

from adapters.web.desk.plots import Days, cost_rows, rule_rows, version_rows
from adapters.web.desk.sources import LINES, excerpt
from bot.policy.diagnostics import Diagnostic
from bot.review.figures import Figures, RulePrecision
from bot.review.operating import DAY, Source, Spent, Tally
from bot.severity import Category

FIRST = 20_000 * DAY


def figures(*rules: RulePrecision) -> Figures:
    return Figures((), 0, 0, 0, None, None, (), rules)


def test_days_reach_from_the_first_count_to_today() -> None:
    days = Days.of(0.0, FIRST + 2 * DAY + 5, [FIRST])
    assert days.days == (FIRST, FIRST + DAY, FIRST + 2 * DAY)
    line = days.line({FIRST + DAY: 4.0, FIRST + 2 * DAY: 1.0})
    assert line.text == "By day from 4 Oct to 6 Oct: last 1, highest 4 on 5 Oct."
    assert line.points == "2.0,34.0 120.0,2.0 238.0,26.0"


def test_nothing_and_one_day_are_drawn_too() -> None:
    assert Days.of(FIRST, FIRST, []).line({}).points.count(",") == 2
    assert len(Days.of(0.0, FIRST, [0.0]).days) == 180


def test_rules_are_beside_what_moderators_said() -> None:
    tallies = [Tally(FIRST, "crisis", None, "plan", "a", 2), Tally(FIRST, "answer", None, "plan", "a", 1)]
    judged = RulePrecision("plan", Category.SELF_HARM, 3, 2, 1)
    seldom = RulePrecision("person", None, 1, 0, 0)
    rows = rule_rows(tallies, figures(judged, seldom), Days((FIRST,)))
    assert [(row.name, row.found, row.flags, row.judged, row.overturned) for row in rows] == [
        ("plan", 3, 3, 2, 1),
        ("person", 0, 1, 0, 0),
    ]


def test_places_count_with_their_policy() -> None:
    tallies = [
        Tally(FIRST, "ask", "age", None, "a", 2),
        Tally(FIRST, "answer", None, None, "a/night", 4),
        Tally(FIRST, "answer", None, None, "b", 1),
    ]
    assert [(row.policy, row.asked, row.answers, row.ratio) for row in version_rows(tallies)] == [
        ("a", 2, 4, "0.50"),
        ("b", 0, 1, "0.00"),
    ]


def test_a_price_that_is_not_known_is_said_to_be() -> None:
    spent = [Spent(FIRST, "m", 1, 10, 0.5, 0), Spent(FIRST, "m", 1, 10, 0.0, 1), Spent(FIRST, "n", 1, 5, 0.0, 1)]
    assert [(row.model, row.usd) for row in cost_rows(spent, Days((FIRST,)))] == [
        ("m", "0.50 and more"),
        ("n", "price not known"),
    ]


def test_a_part_of_a_file_is_bounded_and_holds_the_line_asked_for() -> None:
    wrong = Diagnostic("x.yaml", 700, 1, "wrong")
    source = Source("x.yaml", tuple(f"line {number}" for number in range(1, 1_001)), (wrong,))
    part = excerpt(source, 700)
    assert len(part.lines) == LINES
    assert next(line for line in part.lines if line.number == 700).notes == (wrong,)
    assert part.after is not None
    assert excerpt(source, part.after).lines[0].number == part.lines[-1].number + 1
    assert excerpt(source, 10**6).after is None
    long = excerpt(Source("x.yaml", ("x" * 900_000,) * 40, ()), 1)
    assert sum(len(line.text) for line in long.lines) < 60_000
    beyond = excerpt(Source("x.yaml", (), (wrong,)), 1)
    assert beyond.lines[-1].number <= 700
