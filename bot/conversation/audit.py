"""The record of decisions and the port to it: features only, never text, to be kept, replayed and explained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from bot.clock import Seconds
from bot.frozen import dataclass
from bot.identity import ConversationKey, Person
from bot.severity import Category, Severity

ANSWER: Final = "answer"
"""The kind of decision that an answer was written for."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Why this step was taken, in features only: the audit's line. ``because`` is the acquisition's own sentence.

    ``considered`` are the attributes that could have been asked for, with the rise of the safety score (points) their
    answer was expected to bring; ``completeness`` (0-5) is the model's word, None where it was not asked;
    ``risk_score`` is what built up in ``category`` so far. Values that people told are never part of it."""

    kind: str
    policy_id: str
    domain: str | None = None
    domain_score: float = 0.0
    attribute: str | None = None
    because: str = ""
    asked: int = 0
    known: tuple[str, ...] = ()
    severity: Severity = Severity.NONE
    category: Category | None = None
    rule: str | None = None
    considered: tuple[tuple[str, float], ...] = ()
    completeness: float | None = None
    risk_score: float = 0.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision of one turn, as it is kept."""

    turn_id: str
    conversation: ConversationKey
    at: Seconds
    decided: Decided


@dataclass(frozen=True, slots=True)
class Use:
    """In how many answers something known was used, as far back as the audit goes, and when last."""

    count: int
    last: Seconds


class Audit(Protocol):
    async def record(self, turn_id: str, conversation: ConversationKey, at: Seconds, decided: Decided) -> None:
        """Keep one decision of one turn. Idempotent on (turn_id, decided.kind)."""
        ...

    async def uses(self, person: Person) -> Mapping[str, Use]:
        """What was used in the person's answers, by attribute."""
        ...


def counted(answers: Iterable[tuple[Seconds, Iterable[str]]]) -> Mapping[str, Use]:
    """Uses by attribute, from the moment of each answer and what it was written with."""
    uses: dict[str, Use] = {}
    for at, known in answers:
        for name in known:
            before = uses.get(name, Use(0, at))
            uses[name] = Use(before.count + 1, max(before.last, at))
    return uses
