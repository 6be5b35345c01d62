"""The policy in force and the rules compiled from it: one snapshot per turn, replaced whole when the policy changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot.assembly.models import embedder
from bot.conversation.rules import Rules
from bot.llm.embedder import Embedder
from bot.policy.folder import find_folder
from bot.policy.loader import load as load_policy
from bot.policy.schema import Policy
from bot.profile.retention import Bounds
from bot.raise_core.paths.gains import EvidenceSource
from bot.settings import Settings


@dataclass(slots=True)
class Rulebook:
    """``current`` compiles once per policy id. ``policy`` gives the snapshot in force."""

    policy: Callable[[], Policy]
    embedder: Embedder
    bounds: Bounds
    model_reads: bool
    evidence: EvidenceSource | None = None
    _rules: Rules | None = field(default=None, init=False)

    @classmethod
    def of(cls, settings: Settings, *, model_reads: bool) -> Rulebook:
        """The policy the settings name. Raises PolicyError."""
        policy = load_policy(find_folder(settings.policies))
        bounds = Bounds(settings.retention_floor, settings.retention_ceiling)
        return cls(lambda: policy, embedder(settings), bounds, model_reads)

    def current(self) -> Rules:
        """The rules of the policy in force. Raises PolicyError where a policy does not compile."""
        policy = self.policy()
        if self._rules is None or self._rules.policy.id != policy.id:
            self._rules = Rules.of(
                policy, self.embedder, bounds=self.bounds, model_reads=self.model_reads, evidence=self.evidence
            )
        return self._rules

    def learn(self, evidence: EvidenceSource | None) -> None:
        """From now on these plans of similar queries count as well; None: the tables decide alone."""
        self.evidence = evidence
        if self._rules is not None:
            self._rules = replace(self._rules, evidence=evidence)


def compiled(settings: Settings, policy: Policy) -> Rules:
    """The rules of any policy under these settings, for commands that compare several."""
    bounds = Bounds(settings.retention_floor, settings.retention_ceiling)
    return Rulebook(lambda: policy, embedder(settings), bounds, model_reads=False).current()


def rules_of(settings: Settings) -> Rules:
    """The rules of the settings' policy, for commands that decide without talking to anybody."""
    return Rulebook.of(settings, model_reads=False).current()
