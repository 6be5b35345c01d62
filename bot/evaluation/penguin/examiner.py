"""One scenario in one mode: get to know the person, write the answer, have it judged, and check the judge.

A failure is never a number (METHOD section 5): an answer that was declined or cut off, and a judgement that cannot be
read, are Unscorable. Outages are raised: they say nothing about the answer.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from bot.errors import MalformedReply, ProviderDeclined
from bot.evaluation.penguin.dataset import Scenario
from bot.evaluation.penguin.modes import Acquaintance, Mode, User
from bot.evaluation.penguin.results import NOTHING, Judged, Result
from bot.llm import Usage
from bot.llm.paid import Paid
from bot.profile.attributes import ATTRIBUTES
from bot.raise_core.planner.judging import Unscorable
from bot.raise_core.planner.reward import AnswerPrompt
from bot.raise_core.planner.rubric import Grades, RubricJudge

AGAIN: Final = "again"
"""The same once more: how much the judge differs from itself."""
ORDER: Final = "order"
"""The background told in the opposite order."""
PADDED: Final = "padded"
"""The same answer with sentences that say nothing."""
SECOND: Final = "second"
"""Another judge."""
CHECKS: Final = (AGAIN, ORDER, PADDED, SECOND)
_AGAIN_DRAW: Final = 1 << 16
_PADDING: Final = (
    "There are many sides to a question like this one. People look at such things in different ways, and each of these "
    "ways has its reasons. It is often said that every situation is different, and there is truth in that. Much "
    "depends on many things, and those depend on others in turn. That is how it is with questions of this kind, in "
    "general and as a rule."
)
_DECLINED: Final = "the model declined to answer"
_CUT: Final = "the answer was cut off before its end"
_EMPTY: Final = "the answer was empty or could not be read"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person got: the ``text`` of the answer, or why there is none (``failure``). ``asked``, ``known`` and
    ``unasked`` as in Result."""

    asked: tuple[str, ...]
    known: tuple[str, ...]
    text: str = ""
    failure: str = ""
    usage: Usage = NOTHING
    unasked: str = ""


Grading = Coroutine[Any, Any, Judged]
"""A judgement that is asked for."""


class Respondent(Protocol):
    """What is examined: the core alone, or the whole bot."""

    async def reply(self, scenario: Scenario, mode: Mode) -> Reply:
        """Raises ProviderError where no model answers."""
        ...


class Core:
    """The core alone: a mode gets to know the person, then one answer is written."""

    def __init__(
        self, acquaintance: Acquaintance, writer: Paid, prompt: AnswerPrompt, decline: float, seed: int
    ) -> None:
        self._acquaintance, self._writer, self._prompt = acquaintance, writer, prompt
        self._decline, self._seed = decline, seed

    async def reply(self, scenario: Scenario, mode: Mode) -> Reply:
        """See the port."""
        met = self._acquaintance.meet(mode, User(scenario, self._decline, self._seed))
        reply = Reply(met.asked, tuple(met.known))
        try:
            answer = await self._writer.complete(self._prompt(scenario.query, scenario.domain, met.known))
        except ProviderDeclined:
            return replace(reply, failure=_DECLINED)
        except MalformedReply:
            return replace(reply, failure=_EMPTY)
        text = answer.text.reveal()
        failure = "" if answer.complete and text.strip() else _EMPTY if answer.complete else _CUT
        return replace(reply, text=text, failure=failure, usage=answer.usage)


class Examiner:
    """``repeats`` judgements of every answer; a ``share`` of the scenarios is also used to check the judge."""

    def __init__(
        self,
        respondent: Respondent,
        judge: RubricJudge,
        second: RubricJudge | None,
        *,
        repeats: int = 1,
        share: float = 0.0,
        seed: int = 0,
    ) -> None:
        self._respondent, self._judge, self._second = respondent, judge, second
        self._repeats, self._share, self._seed = repeats, share, seed

    async def examine(self, scenario: Scenario, mode: Mode) -> Result:
        """Raises ProviderError where no model answers, or the budget is spent."""
        reply = await self._respondent.reply(scenario, mode)
        result = Result(
            scenario.id, scenario.domain, scenario.group, scenario.source, mode.name, reply.asked, reply.known
        )
        result = replace(
            result,
            answer=reply.usage,
            failure=reply.failure,
            words=len(reply.text.split()),
            unasked=reply.unasked,
        )
        if reply.failure:
            return result
        profile = {name: scenario.profile[name] for name in ATTRIBUTES if name in scenario.profile}
        wanted: dict[str, Grading] = {
            str(draw): self._judge.grade(scenario.query, reply.text, profile, draw) for draw in range(self._repeats)
        }
        if self.checks(scenario, self._share):
            wanted |= self._checks(scenario, reply.text, profile)
        found = await _side_by_side(wanted)
        judged = tuple(found.pop(str(draw)) for draw in range(self._repeats))
        spent = sum((_cost(each) for each in (*judged, *found.values())), NOTHING)
        return replace(result, judged=judged, checks=found, judging=spent)

    def checks(self, scenario: Scenario, share: float) -> bool:
        """Whether this scenario is among those the judge is checked with: by its id, the same in every mode."""
        digest = hashlib.blake2s(f"{self._seed}/check/{scenario.id}".encode(), digest_size=7).digest()
        return int.from_bytes(digest, "big") / float(1 << 56) < share

    def _checks(self, scenario: Scenario, text: str, profile: Mapping[str, str]) -> dict[str, Grading]:
        judge, query = self._judge, scenario.query
        checks: dict[str, Grading] = {
            AGAIN: judge.grade(query, text, profile, _AGAIN_DRAW),
            ORDER: judge.grade(query, text, dict(reversed(list(profile.items())))),
            PADDED: judge.grade(query, f"{text}\n\n{_PADDING}", profile),
        }
        if self._second is not None:
            checks[SECOND] = self._second.grade(query, text, profile)
        return checks


async def _side_by_side(wanted: Mapping[str, Grading]) -> dict[str, Judged]:
    """In batches every judgement after another would take a day. Raises the first ProviderError."""
    if len(wanted) == 1:
        return {name: await grading for name, grading in wanted.items()}
    try:
        async with asyncio.TaskGroup() as group:
            tasks = {name: group.create_task(grading) for name, grading in wanted.items()}
    except BaseExceptionGroup as problems:
        raise problems.exceptions[0] from None
    return {name: task.result() for name, task in tasks.items()}


def _cost(judged: Judged) -> Usage:
    match judged:
        case Grades(usage=usage):
            return usage
        case Unscorable():
            # It was paid, and nobody says how much: the run's total has it.
            return NOTHING
