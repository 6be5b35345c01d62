"""Where a case goes and how much time there is, as the policy says. First match wins, the default comes last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.chat.installations import home_of
from bot.clock import Seconds
from bot.identity import ConversationKey
from bot.policy.cases import CasesPolicy, RoutePolicy
from bot.policy.durations import seconds
from bot.risk.flags import Flag
from bot.severity import Severity


@dataclass(frozen=True, slots=True)
class Route:
    """Where a flag goes, and until when (seconds from now) it should be decided."""

    queue: str
    within: Seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """Times of the desk, in seconds. ``claim`` is how long a claim lasts, ``take_over`` while a conversation is taken
    over, ``undo`` how long a decision can be taken back, ``watch`` when a watched case comes back, ``keep`` how long a
    closed case keeps its person. ``next_queue``: where a case goes from each queue when it is escalated."""

    claim: Seconds
    take_over: Seconds
    undo: Seconds
    watch: Seconds
    keep: Seconds
    deadlines: Mapping[Severity, Seconds]
    next_queue: Mapping[str, str]


def limits_of(cases: CasesPolicy) -> Limits:
    """The policy's times in seconds."""
    onward = {name: queue.escalates_to for name, queue in cases.queues.items()}
    concern = seconds(cases.deadlines.concern)
    return Limits(
        claim=seconds(cases.claim),
        take_over=seconds(cases.take_over),
        undo=seconds(cases.undo),
        watch=seconds(cases.watch),
        keep=seconds(cases.keep),
        deadlines={
            Severity.IMMINENT: seconds(cases.deadlines.imminent),
            Severity.HIGH: seconds(cases.deadlines.high),
            Severity.CONCERN: concern,
            Severity.NONE: concern,
        },
        next_queue={name: queue for name, queue in onward.items() if queue is not None},
    )


def route_of(cases: CasesPolicy, flag: Flag) -> Route:
    """The first route whose conditions all hold. The last one has none; a policy where it does is never served."""
    route = next((each for each in cases.routes if _matches(each, flag)), cases.routes[-1])
    within = route.deadline
    return Route(route.queue, limits_of(cases).deadlines[flag.severity] if within is None else seconds(within))


def workspace_of(conversation: ConversationKey) -> str:
    """``slack:T1``, also for guests met there."""
    return f"{conversation.person.platform}:{home_of(conversation.person.workspace)}"


def _matches(route: RoutePolicy, flag: Flag) -> bool:
    return (
        (not route.severities or flag.severity in route.severities)
        and (not route.categories or flag.category in route.categories)
        and (not route.rules or flag.rule in route.rules)
        and (not route.workspaces or workspace_of(flag.conversation) in route.workspaces)
    )
