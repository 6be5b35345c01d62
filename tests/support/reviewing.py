"""Cases, moderators and a whole desk for tests, said once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol, cast

from adapters.stores.memory_review import memory_review
from bot.chat import Delivered, Delivery, Inbound, Outbound, Receipt
from bot.clock import ManualClock, Seconds
from bot.identity import ConversationKey, Person
from bot.private import Private
from bot.review.cases import Action, Case, CaseState
from bot.review.desk import Desk
from bot.review.errands import Errandry
from bot.review.limits import limits_of
from bot.review.moderators import EVERYWHERE, Moderator, Role
from bot.review.opening import Opening, reason_for
from bot.review.store import Archive, Cases, Errands, Papers, ReviewStores, Trail
from bot.review.timers import Departures, Timers
from bot.review.trail import Seal
from bot.review.transcript import Line, Voice
from bot.risk.flags import Flag
from bot.severity import Category, Severity, Subject
from tests.support.people import ANN_DIRECT, HOUR, NOW
from tests.support.policies import shipped

MINUTE = 60.0
LIMITS = limits_of(shipped().cases)
MIA = Moderator("mia", Role.MODERATOR, frozenset({"slack:T1"}))
NOAH = Moderator("noah", Role.MODERATOR, frozenset({"slack:T1"}))
LEA = Moderator("lea", Role.LEAD, EVERYWHERE)
OTTO = Moderator("otto", Role.OPERATOR, EVERYWHERE)
ELSEWHERE = Moderator("eve", Role.MODERATOR, frozenset({"slack:T2"}))
KEYS = (bytes(range(32)),)


class ReviewStore(Cases, Papers, Errands, Trail, Archive, Protocol):
    """All ports of the desk in one."""


def joined(stores: ReviewStores) -> ReviewStore:
    """The five ports of a deployment as one."""
    return cast("ReviewStore", _Joined(stores))


class _Joined:
    def __init__(self, stores: ReviewStores) -> None:
        self._parts = (stores.cases, stores.papers, stores.errands, stores.trail, stores.archive)

    def __getattr__(self, name: str) -> object:
        return next(getattr(part, name) for part in self._parts if hasattr(part, name))


def flag(
    number: int = 1,
    *,
    conversation: ConversationKey = ANN_DIRECT,
    severity: Severity = Severity.HIGH,
    category: Category | None = Category.SELF_HARM,
    rule: str = "plan",
    at: Seconds = NOW,
) -> Flag:
    return Flag(f"f{number}", conversation, severity, category, rule, Subject.SELF, "p1", f"t{number}", at, "en-US")


def case_of(raised: Flag, case_id: str = "c1", within: Seconds = HOUR) -> Case:
    """An open case with one reason."""
    return Case(
        id=case_id,
        state=CaseState.OPEN,
        severity=raised.severity,
        category=raised.category,
        queue="team",
        workspace=f"{raised.conversation.person.platform}:{raised.conversation.person.workspace}",
        place=raised.conversation.space.place,
        conversation=Private(raised.conversation),
        opened_at=raised.at,
        since=raised.at,
        deadline=raised.at + within,
        reasons=(reason_for(raised, shipped()),),
        locale=raised.locale,
    )


@dataclass
class Said:
    """A transcript that is what the test says."""

    spoken: dict[ConversationKey, tuple[Line, ...]] = field(default_factory=dict)

    def person(self, text: str, conversation: ConversationKey = ANN_DIRECT) -> None:
        line = Line(Voice.PERSON, Private(text))
        self.spoken[conversation] = (*self.spoken.get(conversation, ()), line)

    async def lines(self, conversation: ConversationKey, now: Seconds) -> tuple[Line, ...] | None:
        return self.spoken.get(conversation)


@dataclass
class People:
    """A platform and a front door that keep what they are given."""

    sent: list[Outbound] = field(default_factory=list)
    accepted: list[Inbound] = field(default_factory=list)
    answer: Delivery = field(default_factory=Delivered)

    async def deliver(self, message: Outbound) -> Delivery:
        self.sent.append(message)
        return self.answer

    async def accept(self, inbound: Inbound) -> Receipt:
        self.accepted.append(inbound)
        return Receipt(inbound.turn_id)

    async def finished(self, turn_id: str) -> None: ...


class Names:
    """Everybody of these tests has an account."""

    async def find(self, name: str) -> Moderator | None:
        return next((who for who in (MIA, NOAH, LEA, OTTO, ELSEWHERE) if who.name == name), None)


@dataclass
class Room:
    """A desk with everything around it."""

    store: ReviewStore
    clock: ManualClock
    desk: Desk
    opening: Opening
    timers: Timers
    departures: Departures
    errandry: Errandry
    said: Said
    people: People

    async def opened(self, number: int = 1, conversation: ConversationKey = ANN_DIRECT, **values: object) -> Case:
        await self.opening.take(flag(number, conversation=conversation, at=self.clock.now(), **values))  # type: ignore[arg-type]  # fields of a flag
        case = await self.store.living(conversation)
        assert case is not None
        return case


def room(
    store: ReviewStore, platforms: frozenset[str] = frozenset({"slack"}), clock: ManualClock | None = None
) -> Room:
    clock = clock or ManualClock(NOW)
    said, people, numbers = Said(), People(), count(1)
    opening = Opening(store, shipped, clock, lambda: f"case-{next(numbers):06}")
    errandry = Errandry(store, platforms, people.deliver, people, shipped, clock)

    async def run_errands() -> None:
        await errandry.run()

    desk = Desk(
        cases=store,
        papers=store,
        trail=store,
        archive=store,
        transcript=said,
        opening=opening,
        roster=Names(),
        policy=shipped,
        redact=lambda text: text.replace("Ann", "[name]"),
        clock=clock,
        run_errands=run_errands,
    )
    timers = Timers(store, store, shipped, clock)
    return Room(store, clock, desk, opening, timers, Departures(store, clock), errandry, said, people)


async def refused(error: type[Exception], doing: Callable[[], Awaitable[object]]) -> str:
    """What the error said. Fails when there was none."""
    try:
        await doing()
    except error as problem:
        return str(problem)
    raise AssertionError(f"expected {error.__name__}")


def person(number: int) -> Person:
    return Person("slack", "T1", f"U{number}")


def alone() -> Room:
    """A desk in memory."""
    return room(joined(memory_review(Seal(KEYS))))


async def claimed(here: Room) -> Case:
    case = await here.opened()
    return await here.desk.claim(MIA, case.id)


async def actions(here: Room, case: Case) -> list[Action]:
    return [entry.event.action for entry in await here.store.history(case.id)]
