"""The interface all strategies share, and the plan they return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.raise_core.paths.value import Belief
from bot.raise_core.planner.judging import Desk


@dataclass(frozen=True, slots=True)
class Problem:
    """What to plan: at most ``k`` attributes within ``budget`` judge calls.

    ``ranking`` is the LLM's (attribute -> weight, any positive scale, empty if it was not asked); ``belief`` what is
    expected before judging; ``seed`` makes every strategy repeatable."""

    k: int
    budget: int
    ranking: Mapping[str, float]
    belief: Belief
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """``path`` holds the attributes worth asking, best first; ``value`` what the strategy expects of them all (1-5),
    None where it makes no estimate; ``calls`` the judgements used; ``settled`` says it stopped before the budget."""

    path: tuple[str, ...]
    value: float | None
    calls: int
    settled: bool = False


class Strategy(Protocol):
    async def plan(self, problem: Problem, desk: Desk) -> Plan:
        """Find the best set of at most ``problem.k`` attributes. Raises what the judge raises."""
        ...
