"""Taking flags in: a new case, or one more reason for the conversation's case. The FlagDesk of the application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from bot.clock import Clock, Seconds
from bot.errors import CaseUnknown, StoreUnavailable
from bot.identity import ConversationKey
from bot.policy.schema import Policy
from bot.private import Private
from bot.review.cases import SYSTEM, Action, Case, CaseState, Event, Reason
from bot.review.limits import route_of, workspace_of
from bot.review.moderators import Moderator
from bot.review.store import Cases, Kept, Step
from bot.review.trail import details
from bot.risk.flags import Flag
from bot.severity import Category, Severity

SHOWN_REASONS: Final = 20
_ATTEMPTS: Final = 50
_WITHOUT_RULE: Final = {
    "model": "The model that read the reply saw signs of danger.",
    "likeness": "The message is like others that were dangerous, though no single rule names it.",
    "screen_failed": "The screen could not run on this message, so people should look.",
    "person": "The person asked to talk to a human.",
    "moderator": "A moderator asked to have a look at this conversation.",
}


@dataclass(frozen=True, slots=True)
class Opening:
    """``new_id`` makes case ids that lead back to nobody."""

    cases: Cases
    policy: Callable[[], Policy]
    clock: Clock
    new_id: Callable[[], str]

    async def take(self, flag: Flag) -> None:
        """Open a case or add to the conversation's. Idempotent on ``flag.id``. Raises StoreUnavailable."""
        await self._taken(flag, SYSTEM)

    async def by_moderator(
        self, who: Moderator, conversation: ConversationKey, severity: Severity, category: Category | None
    ) -> Case:
        """A moderator saw something. Raises CaseUnknown outside of their workspaces."""
        if not who.sees(workspace_of(conversation)):
            raise CaseUnknown(f"there is no conversation in {workspace_of(conversation)} that you may see")
        now, made = self.clock.now(), f"moderator:{self.new_id()}"
        flag = Flag(made, conversation, severity, category, "moderator", None, self.policy().id, made, now)
        return await self._taken(flag, who.name)

    async def _taken(self, flag: Flag, by: str) -> Case:
        reason = reason_for(flag, self.policy())
        for _ in range(_ATTEMPTS):
            case = await self.cases.living(flag.conversation)
            step = self._opened(flag, reason, by) if case is None else self._joined(case, flag, reason, by)
            kept = await self.cases.keep(step)
            if kept is not Kept.OVERTAKEN:
                return step.case
        raise StoreUnavailable("a flag could not join its case, which others kept changing: it will be raised again")

    def _opened(self, flag: Flag, reason: Reason, by: str) -> Step:
        route = route_of(self.policy().cases, flag)
        case = Case(
            id=self.new_id(),
            state=CaseState.OPEN,
            severity=flag.severity,
            category=flag.category,
            queue=route.queue,
            workspace=workspace_of(flag.conversation),
            place=flag.conversation.space.place,
            conversation=Private(flag.conversation),
            opened_at=flag.at,
            since=flag.at,
            deadline=flag.at + route.within,
            reasons=(reason,),
            locale=flag.locale,
        )
        return Step(case, (_event(Action.OPENED, by, flag.at, case, flag),), flag)

    def _joined(self, case: Case, flag: Flag, reason: Reason, by: str) -> Step:
        """One more reason. A graver one may bring another queue and an earlier deadline; a decided case opens again."""
        after = replace(
            case,
            reasons=(*case.reasons, reason)[-SHOWN_REASONS:],
            flags=case.flags + 1,
            revision=case.revision + 1,
        )
        graver, reopened = flag.severity.rank > case.severity.rank, case.state is CaseState.DECIDED
        if graver or reopened:
            route = route_of(self.policy().cases, flag)
            deadline = flag.at + route.within
            after = replace(
                after,
                severity=flag.severity if graver else case.severity,
                category=flag.category if graver else case.category,
                queue=route.queue if reopened or case.claim is None else case.queue,
                deadline=deadline if reopened else min(deadline, case.deadline),
                escalated_at=None,
            )
        if reopened:
            after = replace(after, state=CaseState.OPEN, since=flag.at)
        return Step(after, (_event(Action.FLAGGED, by, flag.at, after, flag),), flag)


def _event(action: Action, by: str, at: Seconds, case: Case, flag: Flag) -> Event:
    features = details(severity=flag.severity, category=flag.category, rule=flag.rule, queue=case.queue)
    return Event(action, by, at, features)


def reason_for(flag: Flag, policy: Policy) -> Reason:
    """The flag with the policy's own text for its rule."""
    why = ""
    if flag.category is not None and flag.category in policy.risk:
        why = next((rule.why for rule in policy.risk[flag.category].rules if rule.id == flag.rule), "")
    why = why or _WITHOUT_RULE.get(flag.rule, "A rule of an earlier policy flagged it.")
    return Reason(flag.rule, flag.severity, flag.category, flag.subject, flag.policy_id, flag.at, why)
