"""A stage for rehearsals: platforms that show nobody anything, and notes of what was said, decided and flagged."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from bot.chat import Answer, Crisis, Delivered, Delivery, Outbound, Question
from bot.clock import Seconds
from bot.conversation.audit import Audit, Decided, Use
from bot.identity import DIRECT, ConversationKey, Person, Space
from bot.risk.flags import Flag
from bot.severity import Severity


@dataclass(slots=True)
class Notes:
    """What came of each turn, by turn id, and where each person was asked last."""

    said: dict[str, list[Outbound]] = field(default_factory=dict)
    decided: dict[str, list[Decided]] = field(default_factory=dict)
    flagged: dict[str, list[Flag]] = field(default_factory=dict)
    asked: dict[Person, Outbound] = field(default_factory=dict)

    def say(self, message: Outbound) -> None:
        self.said.setdefault(message.turn, []).append(message)
        if isinstance(message.body, Question):
            self.asked[message.to] = message

    def flag(self, flag: Flag) -> None:
        self.flagged.setdefault(flag.turn, []).append(flag)

    def question(self, person: Person) -> tuple[str, Space] | None:
        """The attribute a person was asked for last, and where they saw the question."""
        message = self.asked.get(person)
        if message is None or not isinstance(message.body, Question):
            return None
        return message.body.attribute, DIRECT if message.body.private else message.space

    def observed(self, turn_id: str) -> Observed:
        return _observed(self.said.get(turn_id, []), self.decided.get(turn_id, []), self.flagged.get(turn_id, []))


@dataclass(frozen=True, slots=True)
class Observed:
    """What one turn led to, under the names that a test uses. ``said`` is all its texts, for ``says``."""

    asked: str | None
    answered: bool
    used: tuple[str, ...]
    crisis: bool
    severity: Severity
    category: str | None
    rule: str | None
    flagged: bool
    domain: str
    place: str
    said: str
    because: str

    def as_written(self) -> Mapping[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class StagePlatform:
    """A platform of any name whose every delivery succeeds and is noted."""

    name: str
    notes: Notes

    async def deliver(self, message: Outbound) -> Delivery:
        self.notes.say(message)
        return Delivered()

    @asynccontextmanager
    async def stream(self, head: Outbound) -> AsyncIterator[_Stream]:
        yield _Stream(head, self.notes)

    async def thinking(self, person: Person, space: Space, active: bool) -> None:
        """Nobody looks."""


@dataclass(frozen=True, slots=True)
class _Stream:
    head: Outbound
    notes: Notes

    async def append(self, text: str) -> None:
        """Only the whole answer is noted."""

    async def finish(self, answer: Answer) -> Delivery:
        self.notes.say(replace(self.head, body=answer))
        return Delivered()


@dataclass(frozen=True, slots=True)
class NotedAudit:
    """An audit that is also noted."""

    audit: Audit
    notes: Notes

    async def record(self, turn_id: str, conversation: ConversationKey, at: Seconds, decided: Decided) -> None:
        self.notes.decided.setdefault(turn_id, []).append(decided)
        await self.audit.record(turn_id, conversation, at, decided)

    async def uses(self, person: Person) -> Mapping[str, Use]:
        return await self.audit.uses(person)


def _observed(said: list[Outbound], decided: list[Decided], flags: list[Flag]) -> Observed:
    questions = [each.body for each in said if isinstance(each.body, Question)]
    answers = [each.body for each in said if isinstance(each.body, Answer)]
    worst = max(decided, key=lambda each: each.severity.rank, default=None)
    last = said[-1] if said else None
    private = last is not None and (last.space == DIRECT or getattr(last.body, "private", False))
    domains = [each.domain for each in decided if each.domain is not None]
    return Observed(
        asked=questions[-1].attribute if questions else None,
        answered=bool(answers),
        used=tuple(sorted(answers[-1].used)) if answers else (),
        crisis=any(isinstance(each.body, Crisis) for each in said),
        severity=worst.severity if worst is not None else Severity.NONE,
        category=worst.category if worst is not None else None,
        rule=worst.rule if worst is not None else None,
        flagged=bool(flags),
        domain=domains[-1] if domains else "none",
        place="" if last is None else "dm" if private else "channel",
        said="\n".join(_text(each) for each in said),
        because=next((each.because for each in reversed(decided) if each.because), ""),
    )


def _text(message: Outbound) -> str:
    text = message.body.text
    return text if isinstance(text, str) else text.reveal()
