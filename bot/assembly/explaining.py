"""Why a decision was taken, in numbers, and what would have changed it: of a message, or of a turn on record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.chat import Inbound, Said
from bot.clock import ManualClock
from bot.conversation.alternatives import Alternative, alternatives
from bot.conversation.audit import Decided
from bot.conversation.events import Arrived
from bot.conversation.replay import Replay
from bot.conversation.rules import Rules
from bot.conversation.states import State
from bot.conversation.turn import advance
from bot.identity import Person, Space
from bot.policy.schema import Policy
from bot.private import Private
from bot.profile.consent import NEW
from bot.raise_core.agent.acquire import Candidate


@dataclass(frozen=True, slots=True)
class Found:
    """One thing the screen found in a message, whether or not it decided."""

    category: str
    rule: str
    severity: str
    score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """``decided`` is the record; ``candidates`` what could be asked, best first, with the numbers of ``policy``;
    ``changes`` what would have changed it, the nearest first. ``found``, ``margin`` and ``runner_up`` (the second
    domain) are known of a message only. ``same_policy``: the record was made by this very policy."""

    decided: Decided
    candidates: tuple[Candidate, ...]
    changes: tuple[Alternative, ...]
    same_policy: bool
    limit: int | None = None
    found: tuple[Found, ...] = ()
    margin: float | None = None
    runner_up: str | None = None
    evidence: str = ""


def explain_message(rules: Rules, text: str, person: Person, space: Space, locale: str) -> Explanation:
    """What would happen to ``text`` as the first message of ``person`` there. Calls no model and keeps nothing."""
    now = ManualClock().now()
    said = Inbound("explain", person, space, Said(Private(text)), now, locale)
    rules = rules.alone().at(said, space)
    _, effects = advance(rules, State(), Arrived(said, now, (), NEW))
    decided = next((each for each in effects if isinstance(each, Decided)), Decided("answer", rules.policy.id))
    location = rules.locator.locate(text)
    found = tuple(
        Found(each.category, each.rule, each.severity, each.score) for each in rules.screen.findings(text).found
    )
    near = rules.evidence.about(text, decided.domain) if rules.evidence is not None and decided.domain else None
    told = _explained(rules.policy, decided)
    return Explanation(
        decided=decided,
        candidates=told.candidates,
        changes=told.changes,
        same_policy=True,
        limit=told.limit,
        found=found,
        margin=location.margin,
        runner_up=location.runner_up,
        evidence="planned" if near is not None else "table",
    )


def explain_decisions(policy: Policy, decided: Iterable[Decided]) -> tuple[Explanation, ...]:
    """The same of decisions on record, by what ``policy`` says; gains are those on record."""
    return tuple(_explained(policy, each) for each in decided)


def _explained(policy: Policy, decided: Decided) -> Explanation:
    replay = Replay(policy)
    decision = replay.decision(decided)
    changes = alternatives(policy, decided, decision, replay.verdict(decided))
    limit = policy.defaults.budget.questions
    domain = policy.domains.get(decided.domain or "")
    if domain is not None and domain.questions is not None:
        limit = domain.questions
    return Explanation(
        decided=decided,
        candidates=decision.reasons if decision is not None else (),
        changes=changes,
        same_policy=decided.policy_id == policy.id,
        limit=limit,
    )
