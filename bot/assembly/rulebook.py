"""The policy in force and the rules compiled from it: one snapshot per turn, replaced whole when the policy changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from functools import partial
from weakref import WeakValueDictionary

from bot.assembly.keys import DATABASE, deployment_keys
from bot.assembly.models import embedder
from bot.conversation.rules import Rules
from bot.llm.embedder import Embedder
from bot.policy.folder import find_folder
from bot.policy.loader import load as load_policy
from bot.policy.registry import Registry
from bot.policy.schema import Policy
from bot.profile.retention import Bounds
from bot.raise_core.paths.gains import EvidenceSource
from bot.settings import Settings

MADE: MutableMapping[str, Rules] = WeakValueDictionary()
"""The rules compiled last of those in use in this process, by embedder: others take over what they have in common."""


@dataclass(slots=True)
class Rulebook:
    """``current`` gives the rules in force, at first those of ``policy``; ``put`` replaces them."""

    policy: Callable[[], Policy]
    embedder: Embedder
    bounds: Bounds
    model_reads: bool
    evidence: EvidenceSource | None = None
    registry: Registry | None = None
    choosing: Callable[[], bytes] = bytes
    """The key that chooses whom a new version decides for; asked only where there is one."""
    _rules: Rules | None = field(default=None, init=False)

    @classmethod
    def of(cls, settings: Settings, *, model_reads: bool) -> Rulebook:
        """The policy the settings name. Raises PolicyError."""
        policy = load_policy(find_folder(settings.policies))
        return cls.serving(settings, lambda: policy, model_reads=model_reads)

    @classmethod
    def reloading(cls, settings: Settings, *, model_reads: bool) -> Rulebook:
        """The same, to be read again while it serves (:class:`bot.assembly.live.Live`)."""
        registry = Registry(find_folder(settings.policies))
        book = cls.serving(settings, registry.current, model_reads=model_reads)
        book.registry = registry
        return book

    @classmethod
    def serving(cls, settings: Settings, policy: Callable[[], Policy], *, model_reads: bool) -> Rulebook:
        """Any policy, under the settings."""
        bounds = Bounds(settings.retention_floor, settings.retention_ceiling)
        return cls(policy, embedder(settings), bounds, model_reads, choosing=partial(_choosing, settings))

    def current(self) -> Rules:
        """The rules of the policy in force. Raises PolicyError where a policy does not compile."""
        if self._rules is None:
            self._rules = self.build(self.policy())
        return self._rules

    def build(self, policy: Policy) -> Rules:
        """The rules of ``policy``, sharing with those in force, or with others in this process, what is the same.
        Raises PolicyError."""
        rules = MADE[self.embedder.name] = Rules.of(
            policy,
            self.embedder,
            bounds=self.bounds,
            model_reads=self.model_reads,
            evidence=self.evidence,
            like=self._rules or MADE.get(self.embedder.name),
            key=self.choosing() if policy.next is not None else b"",
        )
        return rules

    def put(self, rules: Rules) -> None:
        """From now on these are in force. Turns under way keep theirs."""
        self._rules = rules if rules.evidence is self.evidence else rules.learned(self.evidence)

    def learn(self, evidence: EvidenceSource | None) -> None:
        """From now on these plans of similar queries count as well; None: the tables decide alone."""
        self.evidence = evidence
        if self._rules is not None:
            self._rules = self._rules.learned(evidence)


def _choosing(settings: Settings) -> bytes:
    """From the oldest key of the deployment, so that a new one changes nobody's version; without any, from nothing."""
    if not settings.key and settings.state is None:
        return b""
    if settings.state is not None:
        settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)  # rules are made before the stores are opened
    return hashlib.sha256(b"next version" + deployment_keys(settings)[-1]).digest()


def compiled(settings: Settings, policy: Policy) -> Rules:
    """The rules of any policy under these settings, for commands that compare several."""
    return Rulebook.serving(settings, lambda: policy, model_reads=False).current()


def rules_of(settings: Settings) -> Rules:
    """The rules of the settings' policy, for commands that decide without talking to anybody."""
    return Rulebook.of(settings, model_reads=False).current()


async def learned(settings: Settings, rulebook: Rulebook) -> Rulebook:
    """The rulebook after what is planned under these settings, for commands; as it was where nothing is kept yet."""
    if settings.database_url or (settings.state is not None and (settings.state / DATABASE).exists()):
        from bot.assembly.planned import Learning, planned_queries  # with the stores, a quarter of a command's start
        from bot.telemetry.logs import silent

        async with planned_queries(settings) as store:
            await Learning(rulebook, store, silent()).now()
    return rulebook
