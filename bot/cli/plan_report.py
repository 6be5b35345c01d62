"""What ``raise-bot plan`` shows and writes: flaws of the file, the bar, the manifest, the plans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from bot.assembly.planning import Planning
from bot.cli.paying import price_words, spent_words
from bot.cli.whole import whole
from bot.raise_core.paths.index import EvidenceStore
from bot.raise_core.paths.moving import to_line
from bot.raise_core.planner.estimate import Estimate
from bot.raise_core.planner.job import Outcome, Recipe
from bot.raise_core.planner.queries import PlanUnit, Sheet

_SHOWN: Final = 20
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Report:
    """One run, as far as it came. ``plans`` is how many there are to make in all, ``seconds`` how long it took."""

    recipe: Recipe
    queries: Path
    sheet: Sheet
    plans: int
    work: Planning
    seconds: float

    def line(self) -> str:
        outcome = self.work.job.outcome
        parts = [
            f"{outcome.planned} planned, {outcome.before} planned before, {outcome.left} left",
            spent_words(self.work),
        ]
        if outcome.unscorable:
            parts.append(f"{outcome.unscorable} without any score: {_reasons(outcome)}")
        elif outcome.failures:
            parts.append(f"{outcome.failures.total()} judgements without a score: {_reasons(outcome)}")
        if outcome.stopped:
            parts.append(f"stopped: {outcome.stopped} What is planned is kept; the same command goes on from here")
        return "; ".join(parts)


def _reasons(outcome: Outcome) -> str:
    return ", ".join(f"{reason} ({count})" for reason, count in outcome.failures.most_common(3))


def flaw_lines(path: Path, sheet: Sheet) -> Iterator[str]:
    """Flaws as ``file:line: problem``, those of one kind together, then what stands there twice."""
    kinds: dict[str, list[int]] = {}
    for flaw in sheet.flaws:
        kinds.setdefault(flaw.problem, []).append(flaw.place)
    for problem, places in list(kinds.items())[:_SHOWN]:
        more = f" (and {len(places) - 1} more rows, the last at {places[-1]})" if len(places) > 1 else ""
        yield f"{path}:{places[0]}: {problem}{more}"
    if len(kinds) > _SHOWN:
        yield f"{path}: and {len(kinds) - _SHOWN} more problems"
    for place, first in sheet.repeated[:_SHOWN]:
        yield f"{path}:{place}: the same as line {first}; planned once"
    if len(sheet.repeated) > _SHOWN:
        yield f"{path}: and {len(sheet.repeated) - _SHOWN} more repeated rows"


def estimate_line(sheet: Sheet, units: Sequence[PlanUnit], guess: Estimate, models: tuple[str, str]) -> str:
    price = price_words(guess.likely, guess.most)
    queries = len({unit.query for unit in units})
    flawed = f" ({len(sheet.flaws)} rows cannot be planned)" if sheet.flaws else ""
    named = " and ".join(dict.fromkeys(models))
    return (
        f"{queries} queries, {len(units)} plans{flawed}: up to {guess.calls} calls of {named}, {price}, "
        "less what is recorded already"
    )


def manifest(report: Report) -> dict[str, object]:
    """How a run came about, for the record: enough to run it again."""
    work, sheet, outcome = report.work, report.sheet, report.work.job.outcome
    return {
        "id": report.recipe.id,
        "queries": report.queries.name,
        **asdict(report.recipe),
        "rows": {
            "good": len(sheet.rows),
            "repeated": len(sheet.repeated),
            "bad": [{"line": flaw.place, "problem": flaw.problem} for flaw in sheet.flaws],
        },
        "plans": {
            "all": report.plans,
            "planned": outcome.planned,
            "before": outcome.before,
            "unscorable": outcome.unscorable,
            "left": outcome.left,
        },
        "judged_sets": outcome.judged,
        "unscorable_judgements": dict(outcome.failures),
        "unranked_plans": outcome.unranked,
        **work.told(),
        "seconds": round(report.seconds, 3),
        "stopped": outcome.stopped,
    }


async def write_out(path: Path, store: EvidenceStore, units: Sequence[PlanUnit]) -> None:
    """The plans there are, in the order of the units, as ``raise-bot paths export`` writes them."""
    with whole(path) as file:
        for start in range(0, len(units), _PAGE):
            ids = [unit.id for unit in units[start : start + _PAGE]]
            kept = await store.get(ids)
            file.writelines(f"{to_line(kept[each])}\n" for each in ids if each in kept)
