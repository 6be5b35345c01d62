"""What a run found, as BENCH.json, as tables (BENCH.md) and as pictures."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.bench.curves import drawn
from tests.support.bench.figures import Figure
from tests.support.bench.runner import Outcome, Run

_HEAD = "| what | figure | promised | |\n| --- | ---: | --- | --- |"


def write(run: Run, folder: Path) -> None:
    """Everything, into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "BENCH.json").write_text(f"{json.dumps(run.json(), indent=1)}\n", encoding="utf-8")
    (folder / "BENCH.md").write_text(tables(run), encoding="utf-8")
    for outcome in run.outcomes:
        for curve in outcome.found.curves:
            (folder / f"{curve.name}.svg").write_text(drawn(curve), encoding="utf-8")


def tables(run: Run) -> str:
    """Markdown."""
    machine = run.machine
    lines = [
        "# What it costs and carries",
        "",
        f"Measured on {run.date} by `make bench`: {machine['cores']} cores, {machine['memory_gb']} GB, "
        f"{machine['system']} {machine['architecture']}, Python {machine['python']}. Model, platform, databases and "
        "load share these cores. The load beside a title is how many processes wanted a core when the part began: "
        "above the number of cores, the figures are on the low side."
        + (" A quick run: it shows that the parts work, and nothing else." if run.scale.quick else ""),
        "",
    ]
    for outcome in run.outcomes:
        lines += _part(outcome)
    return "\n".join(lines)


def promises(run: Run) -> list[tuple[Outcome, Figure]]:
    """What was promised, with what came of it."""
    return [(each, figure) for each in run.outcomes for figure in each.found.figures if figure.met is not None]


def _part(outcome: Outcome) -> list[str]:
    title = outcome.json()["title"]
    lines = [f"## {title}", "", f"`{outcome.name}`, {outcome.seconds:.0f} s, load {outcome.load:.1f}.", ""]
    if outcome.problem:
        return [*lines, f"Not measured: {outcome.problem}", ""]
    lines += [_HEAD, *map(_row, outcome.found.figures), ""]
    return [*lines, *(f"![{each.title}]({each.name}.svg)\n" for each in outcome.found.curves)]


def _row(figure: Figure) -> str:
    verdict = {None: "", True: ": met", False: ": **missed**"}[figure.met]
    return f"| {figure.what} | {number(figure.value)} {figure.unit} | {promise(figure)}{verdict} | {figure.note} |"


def promise(figure: Figure) -> str:
    """In words; empty where nothing was promised."""
    said = [
        f"{word} {number(limit)}"
        for word, limit in (("at least", figure.least), ("at most", figure.most))
        if limit is not None
    ]
    return ", ".join(said)


def number(value: float) -> str:
    """Three digits that count."""
    if value != value:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"
