"""Everything a turn decides by, compiled once from one policy snapshot and pinned for the whole turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.chat import Inbound
from bot.clock import Seconds
from bot.conversation.requests import Requests, requests_of
from bot.frozen import dataclass, replace
from bot.identity import Person, Space, pseudonym
from bot.llm.embedder import Embedder
from bot.policy.durations import seconds
from bot.policy.effective import Placed, Situation, placed
from bot.policy.locate import Locator
from bot.policy.schema import Policy
from bot.profile.attributes import Scope, Sensitivity
from bot.profile.retention import Bounds, Wishes, lifetime
from bot.raise_core.agent.reading import Reader
from bot.raise_core.paths.gains import EvidenceSource
from bot.raise_core.state import Table
from bot.risk.screen import Screen
from bot.risk.shadow import Shadow

NEXT: Final = "next:"
"""Before the place of rules of a new version, so that a turn's later steps find the policy it began with."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Rules:
    """``model_reads`` says whether a model can read replies (the offline provider cannot). ``evidence`` gives the gains
    that neighbouring queries' plans teach, by query; None while nothing is planned."""

    policy: Policy
    screen: Screen
    shadow: Shadow
    locator: Locator
    reader: Reader
    requests: Requests
    tables: Mapping[str, Table]
    wishes: Wishes
    bounds: Bounds
    idle: Seconds
    cooldown: Seconds
    deadline: Seconds
    model_reads: bool
    evidence: EvidenceSource | None = None
    places: tuple[tuple[Placed, Mapping[str, Table]], ...] = ()
    """The policy's places with their tables, in order."""
    place: str = ""
    """The id of the place these rules hold in; empty where they hold everywhere else; after NEXT in the new version."""
    trial: Trial | None = None
    """The new version and whom it decides for, where the policy names one."""

    @classmethod
    def of(
        cls,
        policy: Policy,
        embedder: Embedder,
        *,
        bounds: Bounds,
        model_reads: bool,
        evidence: EvidenceSource | None = None,
        like: Rules | None = None,
        key: bytes = b"",
    ) -> Rules:
        """Compile ``policy``. What it has in common with ``like`` is taken over: the screen while no risk changed, the
        locator while no exemplar or word did, the reader while no attribute or phrase did. ``key`` chooses whom a new
        version decides for."""
        same_dangers = like is not None and like.policy.risk == policy.risk
        made = cls(
            policy=policy,
            screen=like.screen if like is not None and same_dangers else Screen(policy),
            shadow=like.shadow if like is not None and same_dangers else Shadow(policy),
            locator=like.locator
            if like is not None and _routes_alike(like.policy, policy)
            else Locator(policy, embedder, None if like is None else like.locator),
            reader=like.reader if like is not None and _reads_alike(like.policy, policy) else Reader(policy),
            requests=requests_of(policy),
            tables=_tables(policy),
            wishes={
                Sensitivity.ORDINARY: seconds(policy.defaults.retention.ordinary),
                Sensitivity.PERSONAL: seconds(policy.defaults.retention.personal),
                Sensitivity.SENSITIVE: seconds(policy.defaults.retention.sensitive),
            },
            bounds=bounds,
            idle=seconds(policy.defaults.retention.conversation),
            cooldown=seconds(policy.defaults.crisis.cooldown),
            deadline=seconds(policy.defaults.budget.deadline),
            model_reads=model_reads,
            evidence=evidence,
            places=tuple((each, _tables(each.policy)) for each in placed(policy)),
        )
        if policy.next is None or policy.index.next is None:
            return made
        before = made if like is None or like.trial is None else like.trial.rules
        following = cls.of(
            policy.next, embedder, bounds=bounds, model_reads=model_reads, evidence=evidence, like=before
        )
        return replace(made, trial=Trial(replace(following, place=NEXT), policy.index.next.portion, key))

    def learned(self, evidence: EvidenceSource | None) -> Rules:
        """The same, with other evidence."""
        trial = None if self.trial is None else replace(self.trial, rules=self.trial.rules.learned(evidence))
        return replace(self, evidence=evidence, trial=trial)

    def alone(self) -> Rules:
        """The same without a new version."""
        return replace(self, trial=None)

    def at(self, inbound: Inbound, space: Space) -> Rules:
        """The rules for what belongs to ``space``: those of the first place that fits, else these."""
        if self.trial is not None:
            chosen = self.trial.rules if self.trial.takes(inbound.person) else self.alone()
            return chosen.at(inbound, space)
        if not self.places:
            return self
        here = Situation(inbound.person, space, inbound.locale, inbound.at)
        return next((self._in(each, tables) for each, tables in self.places if each.fits(here)), self)

    def policy_in(self, place: str) -> Policy:
        """The policy of the place of this id; where there is none (any more), the one that holds elsewhere."""
        if place.startswith(NEXT) and self.trial is not None:
            return self.trial.rules.policy_in(place.removeprefix(NEXT))
        return next((each.policy for each, _ in self.places if each.place.id == place), self.policy)

    def _in(self, here: Placed, tables: Mapping[str, Table]) -> Rules:
        return replace(self, policy=here.policy, tables=tables, places=(), place=f"{self.place}{here.place.id}")

    def keep(self, attribute: str) -> Seconds:
        """How long a value of this attribute is kept, in seconds."""
        each = self.policy.defaults.attributes[attribute]
        return lifetime(self.wishes, each.sensitivity, each.scope, self.bounds)

    def keep_for_query(self) -> Seconds:
        """How long a value told without consent to keep it serves the query it was told for."""
        return min(self.idle, self.bounds.ceiling)

    def scope(self, attribute: str) -> Scope:
        return self.policy.defaults.attributes[attribute].scope


@dataclass(frozen=True, slots=True)
class Trial:
    """The rules of a new version, and for whom they decide: a ``portion`` (0-1) of the people, the same ones always. It
    is told by a keyed hash and kept nowhere."""

    rules: Rules
    portion: float
    key: bytes

    def takes(self, person: Person) -> bool:
        return int(pseudonym(person, self.key), 16) < self.portion * 16**16


def _routes_alike(one: Policy, other: Policy) -> bool:
    routing = ([(name, each.routing) for name, each in policy.domains.items()] for policy in (one, other))
    return one.none == other.none and one.defaults.routing == other.defaults.routing and next(routing) == next(routing)


def _reads_alike(one: Policy, other: Policy) -> bool:
    return one.defaults.attributes == other.defaults.attributes and one.locales == other.locales


def _tables(policy: Policy) -> Mapping[str, Table]:
    return {domain: Table.of(policy, domain) for domain in policy.domains}
