"""The parts of the benchmark, in the order in which they run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tests.support.bench.figures import Scale

SLACK: Final = 6
"""How many times what is expected a part may take before it is ended: the machine may be busy."""


@dataclass(frozen=True, slots=True)
class Part:
    """``module`` of this package measures it; ``of`` is what it is given first, if anything. ``seconds`` is how long it
    takes on two quiet cores, ``quick`` where it only shows that it works; ``lasting``: beside that, as long as the
    benchmark is told to load."""

    module: str
    title: str
    seconds: float
    of: str = ""
    lasting: bool = False
    quick: float = 15.0

    def expected(self, scale: Scale) -> float:
        """Seconds, as well as is known beforehand."""
        return self.quick if scale.quick else self.seconds + 60 * scale.minutes * self.lasting


PARTS: Final[Mapping[str, Part]] = {
    "waiting": Part(
        "waiting", "Ten thousand conversations that wait on a model of two seconds, in memory", 20, "memory"
    ),
    "waiting-sqlite": Part("waiting", "Five hundred that wait on a model of two seconds, DBOS on SQLite", 20, "sqlite"),
    "floor": Part("floor", "The bot against slack-bolt and an SDK alone", 55),
    "turns-memory": Part("turns", "Turns in one process, in memory", 25, "memory"),
    "turns-sqlite": Part("turns", "Turns in one process, DBOS on SQLite", 40, "sqlite"),
    "turns-postgres": Part("turns", "Turns in one process, DBOS on PostgreSQL, and Redis", 50, "postgres"),
    "replicas": Part("replicas", "One replica and two, on PostgreSQL and Redis", 130, quick=40.0),
    "stages": Part("stages", "CPU of a turn by stage", 30),
    "growth": Part("growth", "Memory as more people talk", 150),
    "soak": Part("soak", "Memory under load", 15, lasting=True),
    "planner": Part("commands", "Planning strategies: regret by judge calls", 20, "planner"),
    "agent": Part("commands", "Ways of asking: score by questions", 20, "agent"),
}
