"""A report on one or several runs: what was measured, how sure it is, and what the paper reports."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.evaluation.penguin.blocks import Block, Heading, Lines, Table, Text, Tree
from bot.evaluation.penguin.figures import ALL, Cell, Difference, pairs_of
from bot.evaluation.penguin.judging import CHECKED, checks_of, length_bias, spread
from bot.evaluation.penguin.modes import Kind
from bot.evaluation.penguin.paper import CONTEXT_FREE, CONTEXT_RICH, GAINS_NOTE, HUMANS, PAPER
from bot.evaluation.penguin.pictures import bars, radar
from bot.evaluation.penguin.results import UNASKED
from bot.evaluation.penguin.runs import Run
from bot.evaluation.penguin.statistics import Interval
from bot.raise_core.state import PUBLISHED_GAINS

TITLE: Final = "Personalised safety, measured"
_INTRODUCTION: Final = (
    "Scores run from 1 to 5: the mean of risk sensitivity, emotional empathy and user-specific alignment, given by a "
    "judge who sees the whole background. Brackets hold 95 % intervals (bootstrap by scenario; differences are "
    "paired). What could not be scored is counted apart and never becomes a number."
)
_PAPER: Final = (
    "The paper's figures were measured on other queries, with other models and another judge: they show what size of "
    "effect to expect, not a level to be reached."
)
_PART: Final = "This run is not complete: {left} answers are still to be measured, and the figures may change."
_CRISIS: Final = (
    "The whole bot answers a crisis with resources and asks nothing; that is judged as it is. It asks nothing either "
    "about a message that belongs to no domain of the policy, and where it would gain too little."
)


def report(runs: Sequence[Run]) -> Iterator[Block]:
    """Every block, in order."""
    yield Heading(1, TITLE)
    yield Text(_INTRODUCTION)
    if len(runs) > 1:
        yield from _beside(runs)
    for run in runs:
        yield Heading(2, run.name)
        yield from _run(run)
    yield Heading(2, "What the paper reports")
    yield Text(_PAPER)
    yield _paper()


def _beside(runs: Sequence[Run]) -> Iterator[Block]:
    modes = tuple(dict.fromkeys(mode for run in runs for mode in run.figures.modes))
    rows = []
    for run in runs:
        scores = {cell.mode: interval(cell.score) for cell in run.figures.cells()}
        rows.append((run.name, *(scores.get(mode, "-") for mode in modes)))
    yield Heading(2, "Side by side")
    yield Table("Score by model and mode", ("model", *modes), rows)


def _run(run: Run) -> Iterator[Block]:
    figures, recipe = run.figures, run.recipe
    yield Text(
        f"{len(figures.scenarios)} scenarios of {len(figures.domains)} domains from {run.manifest.get('data', '?')}, "
        f"judged by {recipe['judge']}. People decline {100 * float(str(recipe['decline'])):g} % of questions. "
        f"Paid: ${run.usd:.4f}."
    )
    if run.left:
        yield Text(_PART.format(left=run.left), strong=True)
    if recipe["target"] != "core":
        yield Text(_CRISIS)
        yield _unasked(run)
    cells = figures.cells()
    yield Heading(3, "Scores by mode")
    yield bars("Score by mode", [(cell.mode, cell.score) for cell in cells if not _only(cell.mode)], 1.0, 5.0)
    yield _cells(cells)
    if lost := [f"{cell.mode} {cell.missing} of {cell.units}" for cell in cells if cell.missing]:
        yield Text(f"Without a score: {', '.join(lost)}.")
    if differences := figures.differences(pairs_of(figures.modes)):
        yield Heading(3, "Differences, and at equal numbers of questions")
        yield _differences(differences)
    yield from _domains(run)
    yield from _attributes(run)
    yield from _paths(run)
    if reasons := figures.reasons():
        yield Heading(3, "Without a score")
        rows = [(reason, str(count)) for reason, count in reasons.most_common()]
        yield Table("Why there is no score", ("reason", "answers"), rows)
    yield from _judge(run)
    yield Heading(3, "To repeat this")
    yield Lines(tuple(f"{name}: {_said(value)}" for name, value in recipe.items()))


def _unasked(run: Run) -> Table:
    rows = []
    for mode in run.figures.modes:
        reasons = Counter(result.unasked for result in run.figures.results if result.mode == mode)
        counts = (reasons.total(), reasons[""], *(reasons[reason] for reason in UNASKED))
        rows.append((mode, *map(str, counts)))
    return Table("Answers without a question, and why", ("mode", "answers", "asked", *UNASKED), rows)


def _cells(cells: Sequence[Cell]) -> Table:
    head = (
        "mode",
        "score",
        "risk",
        "empathy",
        "alignment",
        "questions",
        "sensitive",
        "answered",
        "words",
        "tokens",
        "US$",
    )
    rows = [
        (
            cell.mode,
            interval(cell.score),
            *(number(each.mean) for each in cell.dimensions),
            f"{cell.questions:.2f}",
            number(cell.sensitive),
            f"{cell.answered:.2f}",
            f"{cell.words:.0f}",
            f"{cell.tokens:.0f}" if cell.tokens or cell.usd is not None else "unknown",
            "unknown" if cell.usd is None else f"{cell.usd:.5f}",
        )
        for cell in cells
    ]
    return Table("Means per answer; tokens and US$ are those of the answer, without the judge", head, rows)


def _differences(differences: Sequence[Difference]) -> Table:
    head = ("mode less another", "points", "questions", "of the other", "scenarios")
    rows = [
        (
            f"{each.mode} - {each.rival}",
            signed(each.points),
            f"{each.questions[0]:.2f}",
            f"{each.questions[1]:.2f}",
            str(each.points.count),
        )
        for each in differences
    ]
    return Table("Paired by scenario; @raise asks each person as many questions as raise does", head, rows)


def _domains(run: Run) -> Iterator[Block]:
    figures = run.figures
    modes = [mode for mode in figures.modes if not _only(mode)]
    by_domain = {domain: {cell.mode: cell for cell in figures.cells(domain)} for domain in figures.domains}
    yield Heading(3, "Scores by domain")
    if len(figures.domains) > 2:
        series = {mode: [by_domain[domain][mode].score.mean for domain in figures.domains] for mode in modes}
        yield radar("Score by domain", figures.domains, series)
    rows = [(domain, *(interval(cells[mode].score) for mode in modes)) for domain, cells in by_domain.items()]
    everywhere = {cell.mode: cell for cell in figures.cells(ALL)}
    last = (ALL, *(interval(everywhere[mode].score) for mode in modes))
    yield Table("Score by domain and mode", ("domain", *modes), [*rows, last])


def _attributes(run: Run) -> Iterator[Block]:
    sensitivity = run.figures.sensitivity()
    yield Heading(3, "What one attribute brings")
    if not sensitivity:
        yield Text("Not measured here: add the modes attributes and context-free.")
        return
    yield bars("Points that one attribute brings", sensitivity, -0.5, 2.0)
    rows = [(name, signed(points), f"{PUBLISHED_GAINS[name]:+.2f}") for name, points in sensitivity]
    yield Table(f"Points over an answer without background. {GAINS_NOTE}", ("attribute", "here", "paper"), rows)


def _paths(run: Run) -> Iterator[Block]:
    trees = run.manifest.get("trees")
    if not isinstance(trees, list) or not trees:
        return
    yield Heading(3, "What raise would ask")
    yield Text("One query of each domain, whatever the answers are; answers that lead to the same stand together.")
    for each in trees:
        yield Text(f"{each['domain']}: {each['query']}")
        yield Tree(_grown(each["tree"]))


def _grown(branch: Mapping[str, object] | None) -> tuple[tuple[str, Tree | None], ...]:
    if branch is None:
        return (("answers at once", None),)
    after = branch["after"]
    inner: list[tuple[str, Tree | None]] = []
    for each in after if isinstance(after, list) else ():
        then = each["then"]
        told = ", ".join(each["answers"])
        inner.append((f"{told}: then answers", None) if then is None else (f"{told}:", Tree(_grown(then))))
    return ((f"asks {branch['asked']}", Tree(tuple(inner))),)


def _judge(run: Run) -> Iterator[Block]:
    yield Heading(3, "The judge")
    head = ("what changed", "answers", "change of score", "all three equal", "kappa", "weighted", "r", "unscorable")
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
        for each in checks_of(run.figures.results, int(str(run.recipe["seed"])))
    ]
    if rows:
        yield Table("Cohen's kappa of the three numbers (plain, quadratic weights); Pearson's r of scores", head, rows)
    yield Lines(tuple(_judge_lines(run)))


def _judge_lines(run: Run) -> Iterator[str]:
    if (points := spread(run.figures.results)) is not None:
        yield f"Repeated judgements of one answer differ by {points:.2f} points (standard deviation)."
    for mode in run.figures.modes:
        bias = length_bias(run.figures.results, mode)
        if bias is not None:
            yield f"Length of the answer and score in {mode}: r = {bias:.2f}."
    yield f"The paper's judge and three people on 350 cases: kappa {HUMANS[0]}, r {HUMANS[1]}."


def _paper() -> Table:
    rows = [
        (each.model, f"{each.vanilla:.2f}", f"{each.agent:.2f}", f"{each.planned:.2f}", f"{each.questions:.2f}")
        for each in PAPER
    ]
    means = f"Over models the means are {CONTEXT_FREE:.2f} context-free and {CONTEXT_RICH:.2f} context-rich"
    return Table(means, ("model", "vanilla", "with agent", "with planner too", "questions"), rows)


def interval(points: Interval) -> str:
    """``3.21 [3.10, 3.32]``; the mean alone where there are fewer than two scenarios."""
    if not points.count:
        return "-"
    return f"{points.mean:.2f} [{points.low:.2f}, {points.high:.2f}]" if points.count > 1 else f"{points.mean:.2f}"


def signed(points: Interval) -> str:
    """The same for a difference: ``+0.21 [+0.10, +0.32]``."""
    if not points.count:
        return "-"
    return f"{points.mean:+.2f} [{points.low:+.2f}, {points.high:+.2f}]" if points.count > 1 else f"{points.mean:+.2f}"


def number(value: float | None) -> str:
    """Two decimals; ``-`` where there is none."""
    return "-" if value is None or math.isnan(value) else f"{value:.2f}"


def _only(mode: str) -> bool:
    """Whether a mode gives a single attribute: those have a section of their own."""
    return mode.startswith(f"{Kind.ONLY}:")


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value) or "-"
