"""The part of the policy language for places: what is different in one workspace or channel."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.policy.base import Identifier, Part, Price, Words

LONGEST_CONDITION = 300
"""Characters of one condition; with no loops in the language, this bounds its cost."""


class PlacePolicy(Part):
    """One place. All conditions that are given must hold; none given: always. Danger is judged the same everywhere."""

    id: Identifier = Field(description="names it in decisions and reports: they say `policy/id`")
    workspaces: tuple[Words, ...] = Field(default=(), description="where, written `slack:T1`")
    channels: tuple[Words, ...] = Field(default=(), description="ids of channels")
    where: Annotated[str, Field(pattern=r"^(dm|channel)$")] | None = Field(
        default=None, description="only in direct messages (dm), or only in channels (channel)"
    )
    when: Annotated[str, Field(min_length=1, max_length=LONGEST_CONDITION)] | None = Field(
        default=None,
        description="a condition in CEL over platform, workspace, channel, place, locale (texts), hour (0-23) and "
        "weekday (1-7, Monday first), both in UTC",
    )
    questions: Annotated[int, Field(strict=True, ge=0, le=10)] | None = Field(
        default=None, description="most questions about one query here; a domain that has fewer keeps them"
    )
    prices: dict[Identifier, Price] = Field(default_factory=dict, description="what asking for an attribute costs here")
    never_ask: tuple[Identifier, ...] = Field(default=(), description="attributes that are not asked for here")
    domains: tuple[Identifier, ...] = Field(
        default=(), description="only in these domains questions are asked here; none given: in all"
    )
    guidance: tuple[Words, ...] = Field(default=(), description="further instructions for the model here")

    @property
    def conditions(self) -> bool:
        return bool(self.workspaces or self.channels or self.where is not None or self.when is not None)


class Places(Part):
    """places.yaml: what is different in one workspace or channel. The first place that fits wins; where none does, the
    policy is as it is elsewhere."""

    places: tuple[PlacePolicy, ...] = Field(default=(), description="the places, the more particular ones first")
