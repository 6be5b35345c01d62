"""Runs as they were kept: the manifest and the results of a folder, ready to be reported."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.errors import InputError
from bot.evaluation.penguin.figures import Figures
from bot.evaluation.penguin.results import read_results


@dataclass(frozen=True, slots=True)
class Run:
    """One run. ``recipe`` and ``manifest`` as JSON; ``figures`` of its results."""

    folder: str
    manifest: Mapping[str, object]
    recipe: Mapping[str, object]
    figures: Figures

    @property
    def name(self) -> str:
        """How the run is called in a report: who answered, and as what."""
        model = str(self.recipe["model"])
        return model if self.recipe["target"] == "core" else f"{model}, the whole bot"

    @property
    def left(self) -> int:
        """How many answers are still to be measured."""
        return int(str(self.recipe["scenarios"])) * len(self.figures.modes) - len(self.figures.results)

    @property
    def usd(self) -> float:
        """What its sessions paid, US dollars; a session that was killed outright is missing."""
        sessions = self.manifest.get("sessions")
        paid = [each["spent"]["usd"] for each in sessions] if isinstance(sessions, list) else []
        return float(sum(paid))


def read_run(folder: Path) -> Run:
    """Read a folder of ``raise-bot penguin run``. Raises InputError."""
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        recipe = manifest["recipe"]
        modes, seed = list(recipe["modes"]), int(recipe["seed"])
        sensitive = frozenset(manifest.get("sensitive", ()))
    except OSError as problem:
        raise InputError(f"{path}: expected the manifest of a run, it cannot be read: {problem.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path}: expected the manifest of raise-bot penguin run") from None
    results = read_results(folder / "results.jsonl")
    if not results:
        raise InputError(f"{folder}: there are no results yet")
    return Run(folder.name, manifest, recipe, Figures(results, modes, seed, sensitive))
