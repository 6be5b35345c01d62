"""Two policies over the same recorded decisions: how many turns would end differently, which way, with examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import field
from typing import Final

from bot.conversation.audit import Decided
from bot.conversation.replay import ASK, Came, Replay
from bot.frozen import dataclass
from bot.policy.schema import Policy

EXAMPLES: Final = 3
"""Kept for each kind of change."""
FLAGGED: Final = "flagged"


@dataclass(frozen=True, slots=True)
class Example:
    """One turn that would end differently. ``name`` is what the record calls it."""

    name: str
    domain: str
    before: str
    after: str


@dataclass(slots=True)
class Comparison:
    """``before`` and ``after`` count outcomes (``ask age``, ``answer``, ``crisis``, ``flagged``); ``changes`` counts
    turns by what they were and what they would be; ``domains`` counts all turns and those that change, by domain."""

    turns: int = 0
    differing: int = 0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    domains: dict[str, list[int]] = field(default_factory=dict)
    examples: dict[tuple[str, str], list[Example]] = field(default_factory=dict)

    def add(self, name: str, domain: str | None, before: tuple[Came, ...], after: tuple[Came, ...]) -> None:
        """Count one turn (or one conversation), by the steps it takes under either policy."""
        old, new = _steps(before), _steps(after)
        self.turns += 1
        for steps, counter in ((old, self.before), (new, self.after)):
            counter.update(steps)
        where = self.domains.setdefault(domain or "none", [0, 0])
        where[0] += 1
        if old == new:
            return
        self.differing += 1
        where[1] += 1
        change = (", ".join(old) or "nothing", ", ".join(new) or "nothing")
        self.changes[change] += 1
        kept = self.examples.setdefault(change, [])
        if len(kept) < EXAMPLES:
            kept.append(Example(name, domain or "none", *change))

    def totals(self) -> tuple[tuple[str, int, int], ...]:
        """Each outcome with how often it came before and would come after, the most frequent first."""
        names = sorted({*self.before, *self.after}, key=lambda each: (-max(self.before[each], self.after[each]), each))
        return tuple((name, self.before[name], self.after[name]) for name in names)


def compared(old: Policy, new: Policy, decisions: Iterable[tuple[str, Decided]]) -> Comparison:
    """Replay named decisions, recorded under ``old`` or a policy like it, under both."""
    comparison = Comparison()
    first, second = Replay(old), Replay(new, old)
    for name, decided in decisions:
        comparison.add(name, decided.domain, (first.again(decided),), (second.again(decided),))
    return comparison


def _steps(came: tuple[Came, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for each in came:
        found.append(f"{ASK} {each.attribute}" if each.kind == ASK else each.kind)
        if each.flagged and each.kind != "crisis":
            found.append(FLAGGED)
    return tuple(found)
