"""What ``raise-bot paths show`` says of one plan."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

from rich.console import Console

from bot.cli.paths_tables import shown
from bot.raise_core.paths.lessons import marginal_gains
from tests.support.planning import BREAKUP, planned


def test_the_whole_path_is_shown_also_what_was_never_judged() -> None:
    plan = planned(BREAKUP, "relationship", {"age": 1.0, "gender": 0.2})
    plan = replace(plan, evidence=replace(plan.evidence, path=("age", "profession")))
    written = StringIO()
    console = Console(file=written, width=120)
    for part in shown(plan, marginal_gains(plan.evidence)):
        console.print(part)
    told = written.getvalue()
    assert "path     age (+" in told
    assert "> profession (not judged)" in told
