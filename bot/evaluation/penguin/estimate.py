"""What a run may cost, before it costs anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.evaluation.penguin.dataset import Scenario
from bot.evaluation.penguin.modes import Acquaintance, Mode, User
from bot.llm import Prompt
from bot.llm.budget import estimate
from bot.llm.prices import Prices, cost
from bot.raise_core.planner.reward import AnswerPrompt
from bot.raise_core.planner.rubric import judge_prompt

_LOOKED_AT: Final = 60
_LIKELY: Final = 0.5
"""Share of the most that a call usually comes to. *Ours*, a rough figure (as in ``raise-bot plan``)."""
_BYTES: Final = 3


@dataclass(frozen=True, slots=True)
class Estimate:
    """``calls`` at most, their price in US dollars (None: no price is known), that of the ``dearest`` one, and how many
    ``questions`` people will be asked on average over the modes."""

    calls: int
    most: float | None
    dearest: float
    questions: float

    @property
    def likely(self) -> float | None:
        return None if self.most is None else self.most * _LIKELY


def estimated(
    scenarios: Sequence[Scenario],
    modes: Sequence[Mode],
    models: tuple[str, str, str],
    *,
    repeats: int,
    share: float,
    decline: float,
    seed: int,
    acquaintance: Acquaintance,
    prompt: AnswerPrompt,
    prices: Prices,
) -> Estimate:
    """For a run; ``models`` are the names of who writes, who judges and who judges too (empty: nobody), as prices know
    them. Calls that several modes share are counted for each: it is the most."""
    writer, judge, second = models
    looked = scenarios[:: max(1, len(scenarios) // _LOOKED_AT)]
    most, dearest, known, questions = 0.0, 0.0, True, 0
    per_answer = repeats + 3 * share
    for scenario in looked:
        for mode in modes:
            met = acquaintance.meet(mode, User(scenario, decline, seed))
            questions += len(met.asked)
            answer = prompt(scenario.query, scenario.domain, met.known)
            written = "x" * (answer.max_tokens * _BYTES)
            judging = judge_prompt(scenario.query, written, scenario.profile, {})
            each = [(_worst(prices, writer, answer), 1.0), (_worst(prices, judge, judging), per_answer)]
            if second:
                each.append((_worst(prices, second, judging), share))
            for price, times in each:
                known = known and price is not None
                most += (price or 0.0) * times
                dearest = max(dearest, price or 0.0)
    scale = len(scenarios) / len(looked)
    calls = len(scenarios) * len(modes) * (1 + per_answer + (share if second else 0.0))
    return Estimate(round(calls), most * scale if known else None, dearest, questions / len(looked) / len(modes))


def _worst(prices: Prices, model: str, prompt: Prompt) -> float | None:
    return cost(prices, model, estimate(prompt) - prompt.max_tokens, prompt.max_tokens)
