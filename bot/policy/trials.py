"""The part of the policy language for tests beside the policy: a conversation in, the expected decisions out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from bot.policy.base import Duration, Identifier, Part, Words
from bot.severity import Category, Severity

NOWHERE = "none"
"""What ``domain`` says of talk that belongs to no domain."""


class Expected(Part):
    """What a step must lead to. Only the keys that are written are compared."""

    asked: Identifier | None = Field(default=None, description="the attribute asked for; null: nothing is asked")
    answered: bool | None = Field(default=None, strict=True, description="whether an answer was written")
    used: tuple[Identifier, ...] | None = Field(
        default=None, description="attributes the answer was written with, in any order; []: none"
    )
    crisis: bool | None = Field(default=None, strict=True, description="whether crisis resources were shown")
    severity: Severity | None = Field(default=None, description="how severe the screen found it")
    category: Category | None = Field(default=None, description="what the danger is; null: there is none")
    rule: Words | None = Field(default=None, description="the rule that decided; null: none did")
    flagged: bool | None = Field(default=None, strict=True, description="whether moderators were told")
    domain: Words | None = Field(default=None, description="the domain it belongs to, or `none`")
    place: Annotated[str, Field(pattern=r"^(dm|channel)$")] | None = Field(
        default=None, description="where the last message went: dm (to the person alone) or channel"
    )
    says: tuple[Words, ...] = Field(default=(), description="texts that occur in what was said, in any case")

    @property
    def written(self) -> Mapping[str, object]:
        """What is to be compared, by key."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}


class TrialStep(Part):
    """One thing that happens, and what must follow from it. Exactly one of say, choose, command and wait."""

    say: Words | None = Field(default=None, description="the person writes this")
    choose: Words | None = Field(
        default=None,
        description="the person presses this: a value of the open question, `skip`, `why`, `stop`, or a whole id",
    )
    command: Words | None = Field(default=None, description="the person asks for this, such as `/forget age`")
    wait: Duration | None = Field(default=None, description="this much time passes")
    place: Annotated[str, Field(pattern=r"^(dm|channel)$")] | None = Field(
        default=None, description="overrides the place of the test for this step"
    )
    expect: Expected | None = Field(default=None, description="what must follow")

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(name for name in ("say", "choose", "command", "wait") if getattr(self, name) is not None)


class Trial(Part):
    """One conversation with a person never seen before."""

    name: Words = Field(description="what it shows, in a few words; unique in its file")
    place: Annotated[str, Field(pattern=r"^(dm|channel)$")] = Field(
        default="dm", description="where it happens: dm, or channel"
    )
    workspace: Annotated[str, Field(pattern=r"^[^:\s]+:[^:\s]+$")] = Field(
        default="terminal:w1", description="in which workspace, written `slack:T1`"
    )
    channel: Words = Field(default="channel", description="the id of the channel")
    locale: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = Field(
        default="en-US", description="the person's language; `und`: not known"
    )
    steps: tuple[TrialStep, ...] = Field(min_length=1, description="what happens, in order")


class Trials(Part):
    """tests/*.yaml: conversations and what must come of them, run by `raise-bot policy test`."""

    tests: tuple[Trial, ...] = Field(min_length=1, description="the tests, each by itself")
