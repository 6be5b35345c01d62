"""The real reward: write an answer with what is known, and have it judged for the person it is for (METHOD 4, 5.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from bot.errors import MalformedReply, ProviderDeclined
from bot.llm import Prompt
from bot.llm.paid import Paid
from bot.raise_core.planner.judging import Judgement, Scored, Unscorable
from bot.raise_core.planner.rubric import RubricJudge

AnswerPrompt = Callable[[str, str, Mapping[str, str]], Prompt]
"""Query, domain and what is known (attribute -> value) to the prompt the answer is written from: the agent's own."""
_CUT: Final = "the answer was cut off before its end: raise budget.answer_tokens in the policy"
_DECLINED: Final = "the model declined to answer"
_UNUSABLE: Final = "the answer was empty or could not be read"


class Reward:
    """One query for one person. Implements :class:`~bot.raise_core.planner.judging.Judge`.

    An answer is written with the values of the set, and judged against the whole ``profile``; two paid calls at most.
    Different draws are different answers, judged apart. ``failures`` counts why there was no score."""

    def __init__(
        self,
        query: str,
        domain: str,
        profile: Mapping[str, str],
        *,
        writer: Paid,
        prompt: AnswerPrompt,
        judge: RubricJudge,
        failures: Counter[str],
    ) -> None:
        self._query, self._domain, self._profile = query, domain, profile
        self._writer, self._prompt, self._judge, self._failures = writer, prompt, judge, failures

    async def judge(self, attributes: frozenset[str], draw: int) -> Judgement:
        """See the port. Raises ProviderError where no model answers: an outage says nothing about the answer."""
        known = {name: value for name, value in self._profile.items() if name in attributes}
        try:
            answer = await self._writer.complete(self._prompt(self._query, self._domain, known), draw)
        except ProviderDeclined:
            return self._failed(_DECLINED)
        except MalformedReply:
            return self._failed(_UNUSABLE)
        if not answer.complete:
            return self._failed(_CUT)
        grades = await self._judge.grade(self._query, answer.text.reveal(), self._profile, draw)
        if isinstance(grades, Unscorable):
            return self._failed(grades.reason)
        return Scored(grades.mean)

    def _failed(self, reason: str) -> Unscorable:
        self._failures[reason] += 1
        return Unscorable(reason)
