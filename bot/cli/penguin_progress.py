"""What ``raise-bot penguin run`` shows while it runs and keeps of how it ran."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from bot.assembly.benchmarking import Bench, Running
from bot.cli.paying import price_words, spent_words
from bot.cli.plan_report import flaw_lines
from bot.errors import InputError
from bot.evaluation.penguin.dataset import DataSet
from bot.evaluation.penguin.estimate import Estimate
from bot.evaluation.penguin.job import Outcome, Recipe
from bot.raise_core.planner.queries import Sheet

_SHOWN: Final = 20


def file_lines(path: Path, data: DataSet) -> Iterator[str]:
    """What is wrong or unusual in the file."""
    yield from flaw_lines(path, Sheet(flaws=data.flaws))
    for place, first in data.repeated[:_SHOWN]:
        yield f"{path}:{place}: the same query and person as line {first}; measured once"
    if len(data.repeated) > _SHOWN:
        yield f"{path}: and {len(data.repeated) - _SHOWN} more repeated rows"
    if data.missing:
        yield f"{path}: no column {', '.join(data.missing)}: nobody can answer questions about it"
    if data.outside.total():
        told = ", ".join(f"{name} ({count})" for name, count in data.outside.most_common(5) if count)
        yield f"{path}: values that fit no set of the catalogue, kept as they are: {told}"


def estimate_line(opened: Bench, guess: Estimate) -> str:
    price = price_words(guess.likely, guess.most)
    batches = " in batches" if opened.wanted.batch is not None else ""
    names = " and ".join(dict.fromkeys(filter(None, opened.models.names)))
    return (
        f"{len(opened.scenarios)} scenarios in {len(opened.wanted.modes)} modes, {guess.questions:.1f} questions on "
        f"average: up to {guess.calls} calls of {names}{batches}, {price}, less what is recorded already"
    )


def refuse_another(folder: Path, recipe: Recipe) -> Mapping[str, object]:
    """The manifest of an earlier run of this recipe in ``folder``, empty where there is none. Raises InputError where
    the folder holds another run, and says what differs."""
    path = folder / "manifest.json"
    if not path.exists():
        return {}
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
        changes = recipe.changes(before["recipe"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{path}: cannot be read as the manifest of a run: use another --out") from None
    if changes:
        raise InputError(
            f"{folder} holds another run, which cannot be gone on with: {'; '.join(changes)}. Use another --out, or "
            "what was used before"
        )
    told: Mapping[str, object] = before
    return told


def outcome_line(work: Running) -> str:
    outcome = work.job.outcome
    parts = [
        f"{outcome.done} measured, {outcome.before} measured before, {outcome.left} left",
        spent_words(work),
    ]
    if outcome.unscorable:
        reasons = ", ".join(f"{reason} ({count})" for reason, count in outcome.unscorable.most_common(3))
        parts.append(f"{outcome.unscorable.total()} without a score: {reasons}")
    if outcome.stopped:
        parts.append(f"stopped: {outcome.stopped} The same command goes on from here")
    return "; ".join(parts)


def finished(data: DataSet, outcome: Outcome) -> int:
    """The exit code. A stop at --max-usd is what was asked for; anything else that is missing is a problem."""
    return 1 if data.flaws or (outcome.left and not outcome.spent) else 0


def manifest(
    opened: Bench, data: DataSet, path: Path, before: Mapping[str, object], work: Running | None, seconds: float
) -> dict[str, object]:
    """How a run came about: enough to repeat it. ``sessions`` are the times it was worked on (one that was killed
    outright is not among them)."""
    sessions = before.get("sessions")
    told: dict[str, object] = {
        "id": opened.recipe.id,
        "recipe": asdict(opened.recipe),
        "data": path.name,
        "rows": {
            "good": len(data.scenarios),
            "repeated": len(data.repeated),
            "bad": [{"line": flaw.place, "problem": flaw.problem} for flaw in data.flaws],
            "missing_columns": list(data.missing),
            "outside_the_sets": {name: count for name, count in data.outside.items() if count},
        },
        "sensitive": opened.sensitive(),
        "trees": opened.trees(),
        "versions": {"raise-bot": version("raise-bot"), "python": platform.python_version()},
        "sessions": list(sessions) if isinstance(sessions, list) else [],
    }
    if work is not None:
        told["sessions"] = [*told["sessions"], _session(work, seconds)]  # type: ignore[misc]  # a list, see above
        told["left"] = work.job.outcome.left
    return told


def _session(work: Running, seconds: float) -> dict[str, object]:
    outcome = work.job.outcome
    return {
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "measured": outcome.done,
        "unscorable": dict(outcome.unscorable),
        "stopped": outcome.stopped,
        **work.told(),
    }
