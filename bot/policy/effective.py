"""The policy in one place: the whole of it, with what a place changes. Pure; the first place that fits wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.clock import Seconds
from bot.errors import PolicyError
from bot.identity import Person, Space
from bot.policy.conditions import Condition, Wrong, compiled
from bot.policy.places import PlacePolicy
from bot.policy.schema import DomainPolicy, Policy


@dataclass(frozen=True, slots=True)
class Situation:
    """Where and when something is said; what the conditions of places are about."""

    person: Person
    space: Space
    locale: str
    at: Seconds

    @property
    def channel(self) -> str:
        """The channel's id without the thread; empty in direct messages."""
        return self.space.id.partition("/")[0]

    def values(self) -> Mapping[str, str | int]:
        """As conditions see it."""
        moment = datetime.fromtimestamp(self.at, UTC)
        return {
            "platform": self.person.platform,
            "workspace": self.person.workspace,
            "channel": self.channel,
            "place": self.space.place.value,
            "locale": self.locale,
            "hour": moment.hour,
            "weekday": moment.isoweekday(),
        }


@dataclass(frozen=True, slots=True)
class Placed:
    """One place, ready: its conditions compiled, and the policy that holds there."""

    place: PlacePolicy
    condition: Condition | None
    policy: Policy

    def fits(self, here: Situation) -> bool:
        place = self.place
        if place.where is not None and place.where != here.space.place:
            return False
        if place.workspaces and f"{here.person.platform}:{here.person.workspace}" not in place.workspaces:
            return False
        if place.channels and here.channel not in place.channels:
            return False
        return self.condition is None or self.condition.holds(here.values())


def placed(policy: Policy) -> tuple[Placed, ...]:
    """Every place of ``policy``, in order. Raises PolicyError for a condition that cannot be read."""
    found: list[Placed] = []
    for place in policy.places.places:
        condition = compiled(place.when) if place.when is not None else None
        if isinstance(condition, Wrong):
            raise PolicyError(f"place {place.id}: {condition.message}: {condition.hint}")
        found.append(Placed(place, condition, at_place(policy, place)))
    return tuple(found)


def at_place(policy: Policy, place: PlacePolicy) -> Policy:
    """``policy`` as it holds in ``place``; its id says so."""
    defaults = policy.defaults
    attributes = {
        name: each.model_copy(update={"price": place.prices[name]}) if name in place.prices else each
        for name, each in defaults.attributes.items()
    }
    budget = defaults.budget
    if place.questions is not None:
        budget = budget.model_copy(update={"questions": place.questions})
    changed = {"attributes": attributes, "budget": budget, "guidance": (*defaults.guidance, *place.guidance)}
    return policy.model_copy(
        update={
            "id": f"{policy.id}/{place.id}",
            "defaults": defaults.model_copy(update=changed),
            "domains": {name: _domain(each, place) for name, each in policy.domains.items()},
        }
    )


def _domain(domain: DomainPolicy, place: PlacePolicy) -> DomainPolicy:
    attributes = {
        name: each.model_copy(update={"price": place.prices[name]}) if name in place.prices else each
        for name, each in domain.attributes.items()
    }
    questions = domain.questions
    if place.questions is not None and questions is not None:
        questions = min(questions, place.questions)
    if place.domains and domain.id not in place.domains:
        questions = 0
    never = tuple(dict.fromkeys((*domain.never_ask, *place.never_ask)))
    return domain.model_copy(update={"attributes": attributes, "questions": questions, "never_ask": never})
