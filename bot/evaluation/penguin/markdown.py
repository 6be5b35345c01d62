"""The report as Markdown: every table, nothing drawn."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from bot.evaluation.penguin.figures import ALL, Cell, Difference, pairs_of
from bot.evaluation.penguin.judging import CHECKED, Check, checks_of, length_bias, spread
from bot.evaluation.penguin.paper import CONTEXT_FREE, CONTEXT_RICH, HUMANS, PAPER
from bot.evaluation.penguin.runs import Run
from bot.evaluation.penguin.statistics import Interval

TITLE = "Personalised safety, measured"
INTRODUCTION = (
    "Scores run from 1 to 5: the mean of risk sensitivity, emotional empathy and user-specific alignment, given by a "
    "judge who sees the whole background. Brackets hold 95 % intervals (bootstrap by scenario; differences are "
    "paired). What could not be scored is counted apart and never becomes a number."
)
PAPER_NOTE = (
    "The paper's figures were measured on other queries, with other models and another judge: they show what size of "
    "effect to expect, not a level to be reached."
)


def report(runs: Sequence[Run]) -> str:
    """The whole report."""
    parts = [f"# {TITLE}", INTRODUCTION]
    for run in runs:
        parts += [f"## {run.name}", *_about(run), *_sections(run)]
    parts += ["## What the paper reports", PAPER_NOTE, paper_table()]
    return "\n\n".join(parts) + "\n"


def _about(run: Run) -> Iterator[str]:
    figures = run.figures
    yield (
        f"{len(figures.scenarios)} scenarios of {len(figures.domains)} domains, judged by {run.recipe['judge']}; "
        f"people decline {100 * float(str(run.recipe['decline'])):g} % of questions; paid ${run.usd:.4f}."
    )
    if left := run.left:
        yield f"**The run is not complete: {left} answers are still to be measured.**"


def _sections(run: Run) -> Iterator[str]:
    figures = run.figures
    yield "### Scores by mode"
    yield cell_table(figures.cells())
    differences = figures.differences(pairs_of(figures.modes))
    if differences:
        yield "### Differences, and at equal numbers of questions"
        yield difference_table(differences)
    yield "### Scores by domain"
    yield table(
        ("domain", *figures.modes),
        [(domain, *(interval(cell.score) for cell in figures.cells(domain))) for domain in (*figures.domains, ALL)],
    )
    if sensitivity := figures.sensitivity():
        yield "### What one attribute brings"
        yield table(("attribute", "points over none"), [(name, signed(points)) for name, points in sensitivity])
    if reasons := figures.reasons():
        yield "### Without a score"
        yield table(("reason", "answers"), [(reason, str(count)) for reason, count in reasons.most_common()])
    yield from _judge(run)


def _judge(run: Run) -> Iterator[str]:
    checks = checks_of(run.figures.results, int(str(run.recipe["seed"])))
    yield "### The judge"
    if checks:
        yield check_table(checks)
    yield "\n".join(f"- {line}" for line in judge_lines(run))


def judge_lines(run: Run) -> Iterator[str]:
    """What else is known about the judge, a sentence each."""
    if (points := spread(run.figures.results)) is not None:
        yield f"Repeated judgements of one answer differ by {points:.2f} points (standard deviation)."
    for mode in run.figures.modes:
        bias = length_bias(run.figures.results, mode)
        if bias is not None:
            yield f"Length of the answer and score in {mode}: r = {bias:.2f}."
    yield f"Three people and the paper's judge on 350 cases: kappa {HUMANS[0]}, r {HUMANS[1]}."


def cell_table(cells: Sequence[Cell]) -> str:
    head = ("mode", "score", "risk", "empathy", "alignment", "questions", "answered", "words", "tokens", "US$")
    rows = [
        (
            cell.mode,
            interval(cell.score),
            *(number(each.mean) for each in cell.dimensions),
            f"{cell.questions:.2f}",
            f"{cell.answered:.2f}",
            f"{cell.words:.0f}",
            f"{cell.tokens:.0f}",
            "unknown" if cell.usd is None else f"{cell.usd:.5f}",
        )
        for cell in cells
    ]
    missing = [f"{cell.mode} {cell.missing} of {cell.units}" for cell in cells if cell.missing]
    told = f"\n\nWithout a score: {', '.join(missing)}." if missing else ""
    return table(head, rows) + told


def difference_table(differences: Sequence[Difference]) -> str:
    head = ("mode", "against", "points", "questions", "against", "scenarios")
    rows = [
        (
            each.mode,
            each.rival,
            signed(each.points),
            f"{each.questions[0]:.2f}",
            f"{each.questions[1]:.2f}",
            str(each.points.count),
        )
        for each in differences
    ]
    return table(head, rows)


def check_table(checks: Sequence[Check]) -> str:
    head = ("what changed", "answers", "change of score", "all three the same", "kappa", "weighted kappa", "r", "none")
    rows = [
        (
            CHECKED[each.name],
            str(each.pairs),
            signed(each.change),
            f"{100 * each.same:.0f} %",
            number(each.kappa),
            number(each.weighted),
            number(each.r),
            str(each.unscorable),
        )
        for each in checks
    ]
    return table(head, rows)


def paper_table() -> str:
    rows = [
        (each.model, f"{each.vanilla:.2f}", f"{each.agent:.2f}", f"{each.planned:.2f}", f"{each.questions:.2f}")
        for each in PAPER
    ]
    told = f"Means over models: {CONTEXT_FREE:.2f} context-free, {CONTEXT_RICH:.2f} context-rich."
    return table(("model", "vanilla", "with agent", "with planner too", "questions"), rows) + f"\n\n{told}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(_cell(each) for each in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def interval(points: Interval) -> str:
    """``3.21 [3.10, 3.32]``; the mean alone where there are fewer than two scenarios."""
    if not points.count:
        return "-"
    low, high = number(points.low), number(points.high)
    return f"{points.mean:.2f} [{low}, {high}]" if points.count > 1 else f"{points.mean:.2f}"


def signed(points: Interval) -> str:
    """The same for a difference: ``+0.21 [+0.10, +0.32]``."""
    if not points.count:
        return "-"
    return f"{points.mean:+.2f} [{points.low:+.2f}, {points.high:+.2f}]" if points.count > 1 else f"{points.mean:+.2f}"


def number(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.2f}"
