"""The strategies by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from bot.raise_core.paths.evidence import ONE_JUDGEMENT
from bot.raise_core.planner.baselines import ExhaustiveStrategy, RandomStrategy, StaticStrategy
from bot.raise_core.planner.lattice import LatticeStrategy
from bot.raise_core.planner.mcts import MctsStrategy, UctStrategy
from bot.raise_core.planner.strategy import Strategy

TREES: Final = frozenset({"mcts", "uct"})
"""Those whose only prior is a ranking."""
_MADE: Final[Mapping[str, Callable[[], Strategy]]] = {
    "mcts": MctsStrategy,
    "uct": UctStrategy,
    "exhaustive": ExhaustiveStrategy,
    "static": StaticStrategy,
    "random": RandomStrategy,
}
STRATEGIES: Final = ("lattice", *_MADE)


def made(name: str, noise: float | None = None) -> Strategy:
    """The strategy called ``name``. ``noise`` is the variance of one judgement, where it was measured."""
    if name == "lattice":
        # Every size, so that the evidence serves whatever number of questions the agent may ask.
        return LatticeStrategy(every_size=True, noise=ONE_JUDGEMENT if noise is None else noise)
    return _MADE[name]()
