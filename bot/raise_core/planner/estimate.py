"""What a planning job may cost, before it costs anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.llm import Prompt
from bot.llm.budget import estimate
from bot.llm.prices import Prices, cost
from bot.raise_core.planner.proposals import rank_prompt
from bot.raise_core.planner.queries import PlanUnit
from bot.raise_core.planner.reward import AnswerPrompt
from bot.raise_core.planner.rubric import judge_prompt

_LOOKED_AT: Final = 40
_LIKELY: Final = 0.5
"""Share of the most that a call usually comes to: prompts are counted on the safe side, and few replies are as long as
they may be. *Ours*, a rough figure, and shown as such."""
_BYTES: Final = 3
"""Of a token, as the budget counts."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """``calls`` at most, their price in US dollars (None: no price is known), and that of the ``dearest`` one."""

    calls: int
    most: float | None
    dearest: float

    @property
    def likely(self) -> float | None:
        return None if self.most is None else self.most * _LIKELY


def estimated(
    units: Sequence[PlanUnit],
    k: int,
    models: tuple[str, str],
    prompt: AnswerPrompt,
    labels: Mapping[str, str],
    prices: Prices,
) -> Estimate:
    """For ``units``; ``models`` are the names of who writes and who judges, as prices know them."""
    writer, judge = models
    sets, most, dearest = 0, 0.0, 0.0
    known = True
    looked = units[:: max(1, len(units) // _LOOKED_AT)]
    for unit in looked:
        sets += unit.budget
        told = dict(list(unit.profile.items())[:k])
        answer = prompt(unit.query, unit.domain, told)
        written = "x" * (answer.max_tokens * _BYTES)
        each = (
            (_worst(prices, writer, rank_prompt(unit.query, labels)), 1),
            (_worst(prices, writer, answer), unit.budget),
            (_worst(prices, judge, judge_prompt(unit.query, written, unit.profile, labels)), unit.budget),
        )
        for price, times in each:
            known = known and price is not None
            most += (price or 0.0) * times
            dearest = max(dearest, price or 0.0)
    scale = len(units) / max(1, len(looked))
    queries = len({unit.query for unit in units})
    calls = 2 * sum(unit.budget for unit in units) + queries
    return Estimate(calls, most * scale if known else None, dearest)


def _worst(prices: Prices, model: str, prompt: Prompt) -> float | None:
    return cost(prices, model, estimate(prompt) - prompt.max_tokens, prompt.max_tokens)
