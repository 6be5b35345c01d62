"""The part of the policy language for the review desk: queues, where a flag goes, and how much time there is."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.policy.base import Duration, Identifier, Part, Words
from bot.severity import Category, Severity

ChannelName = Annotated[str, Field(pattern=r"^(slack:[A-Z0-9]+:[CG][A-Z0-9]+|discord:[0-9]+:[0-9]+)$")]


class QueuePolicy(Part):
    """One team that looks at cases."""

    title: Words = Field(description="what moderators read")
    escalates_to: Identifier | None = Field(
        default=None, description="where a case goes from here when it is escalated"
    )


class RoutePolicy(Part):
    """One line of the routing. All conditions that are given must hold; none given: always."""

    severities: tuple[Severity, ...] = Field(default=(), description="how severe the flag is")
    categories: tuple[Category, ...] = Field(default=(), description="what the flag is about")
    rules: tuple[Words, ...] = Field(
        default=(), description="what raised it: ids of rules, or `person` (asked for a human), `model`, `moderator`"
    )
    workspaces: tuple[Words, ...] = Field(default=(), description="where, written `slack:T1`")
    queue: Identifier = Field(description="who looks at it")
    deadline: Duration | None = Field(default=None, description="overrides the deadline of the severity")

    @property
    def conditions(self) -> bool:
        return bool(self.severities or self.categories or self.rules or self.workspaces)


class ChannelPolicy(Part):
    """One line of the moderators' channels. All conditions that are given must hold."""

    severities: tuple[Severity, ...] = Field(default=(), description="how severe the case is")
    queues: tuple[Identifier, ...] = Field(default=(), description="who looks at it")
    workspaces: tuple[Words, ...] = Field(
        default=(), description="cases of these, written `slack:T1`; none given: of the channel's own workspace"
    )
    channel: ChannelName = Field(description="where the card is posted, written `slack:T1:C1` or `discord:10:20`")


class Deadlines(Part):
    """Within what time a case should be decided; later it is escalated, once."""

    imminent: Duration = Field(default="15m", description="somebody may be in danger now")
    high: Duration = Field(default="1h", description="clear signs of danger")
    concern: Duration = Field(default="24h", description="signs that built up, or somebody asked for a human")


class CasesPolicy(Part):
    """cases/routing.yaml: how the review desk works."""

    claim: Duration = Field(default="15m", description="how long a claim lasts unless it is extended")
    take_over: Duration = Field(default="1h", description="how long it lasts while a conversation is taken over")
    undo: Duration = Field(default="5m", description="how long a decision can be taken back")
    watch: Duration = Field(default="24h", description="when a watched case comes back")
    keep: Duration = Field(default="90d", description="how long a closed case keeps its person")
    deadlines: Deadlines = Field(default=Deadlines(), description="time to decide, by severity")
    queues: dict[Identifier, QueuePolicy] = Field(
        default_factory=lambda: {
            "team": QueuePolicy(title="Moderators", escalates_to="leads"),
            "leads": QueuePolicy(title="Leads"),
        },
        description="the teams",
    )
    routes: tuple[RoutePolicy, ...] = Field(
        default=(RoutePolicy(queue="team"),),
        min_length=1,
        description="where a flag goes: the first that matches wins, the last one has no conditions",
    )
    channels: tuple[ChannelPolicy, ...] = Field(
        default=(), description="channels of moderators in chat: the first that matches wins; none: only at the desk"
    )
