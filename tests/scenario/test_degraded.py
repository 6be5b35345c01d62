"""A conversation goes on, more modestly, when parts of it are down; what breaks is told to the person."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapters.engine.inline import InlineEngine
from adapters.models.offline import Offline
from adapters.stores.memory import MemoryProfiles
from adapters.stores.memory_erasures import MemoryErasures
from adapters.stores.memory_ledger import MemoryLedger, MemoryVault
from adapters.stores.memory_standing import MemoryAudit, MemoryConsents
from bot.chat import Command, Content, Inbound, Said, Verb
from bot.clock import ManualClock
from bot.conversation.audit import Decided
from bot.conversation.crisis import CrisisFloor
from bot.conversation.intake import FrontDoor
from bot.conversation.ports import Ports
from bot.conversation.runner import Runner
from bot.conversation.speaking import Speaker
from bot.identity import DIRECT, ConversationKey, Person, Place, Space
from bot.private import Private
from bot.profile.consent import ConsentStore, Standing
from bot.profile.erasure import Forgetting
from bot.profile.store import ProfileStore
from bot.risk.flags import Flag
from bot.telemetry.events import Telemetry
from tests.scenario.conversations import ERRAND, HEARTBREAK
from tests.support.down import AwayProfiles, DownConsents, DownProfiles, WeakTerminal
from tests.support.policies import rulebook

ANN = Person("terminal", "w1", "ann")


class LongNight(MemoryConsents):
    """A month passes between what a turn decides and what it does, as when the process died in between."""

    def __init__(self) -> None:
        super().__init__()
        self.clock: ManualClock | None = None
        self._deciding = False

    async def read(self, person: Person) -> Standing:
        self._deciding = not self._deciding  # read first to decide, then once more before the answer is written
        if self.clock is not None and not self._deciding:
            self.clock.advance(31 * 86_400)
        return await super().read(person)


class Ignored:
    """A desk where nobody sits."""

    async def take(self, flag: Flag) -> None:
        """Nobody looks."""


class BrokenAudit:
    async def record(self, turn_id: str, conversation: ConversationKey, at: float, decided: Decided) -> None:
        raise RuntimeError("a mistake in the code")


class LateLedger(MemoryLedger):
    def __init__(self, vault: MemoryVault, clock: ManualClock, shown: list[dict[str, Any]]) -> None:
        super().__init__(vault, clock)
        self._shown_to_people = shown

    async def claim(self, turn_id: str, conversation: ConversationKey, inbound: Inbound, now: float) -> bool:
        while not self._shown_to_people:  # noqa: ASYNC110 - a list has no event
            await asyncio.sleep(0)
        return await super().claim(turn_id, conversation, inbound, now)


class Talk:
    def __init__(
        self,
        door: FrontDoor,
        clock: ManualClock,
        terminal: WeakTerminal,
        shown: list[dict[str, Any]],
        events: list[str],
    ) -> None:
        self.door, self.clock, self.terminal, self.shown, self.events = door, clock, terminal, shown, events
        self._number = 0

    async def say(self, text: str, space: Space = DIRECT) -> list[dict[str, Any]]:
        return await self.do(Said(Private(text)), space)

    async def do(self, content: Content, space: Space = DIRECT) -> list[dict[str, Any]]:
        self.shown.clear()
        self._number += 1
        self.clock.advance(1)
        said = Inbound(f"e{self._number}", ANN, space, content, self.clock.now(), "en-US")
        receipt = await self.door.accept(said)
        await self.door.finished(receipt.turn_id)
        return self.shown


@asynccontextmanager
async def talk(
    profiles: ProfileStore | None = None,
    consents: ConsentStore | None = None,
    audit: Any = None,
    refusals: int = 0,
    permanent: bool = False,
    elsewhere: bool = False,
    slow: bool = False,
) -> AsyncIterator[Talk]:
    """``elsewhere``: turns run in another process than the one that took the event. ``slow``: the ledger takes nothing
    before the person saw something."""
    clock, engine, shown, events = ManualClock(), InlineEngine(pauses=()), list[dict[str, Any]](), list[str]()
    terminal = WeakTerminal(lambda line: shown.append(json.loads(line)), refusals, permanent=permanent)
    platforms = {"terminal": terminal}
    telemetry = Telemetry(lambda event, fields: events.append(event))
    ledger, rules = MemoryLedger(MemoryVault(), clock), rulebook(model_reads=False).current
    if slow:
        ledger = LateLedger(MemoryVault(), clock, shown)

    forget = Forgetting(lambda spared: (), MemoryErasures(), clock)
    floor = CrisisFloor(rules, platforms, clock, telemetry)
    door = FrontDoor(rules=rules, floor=floor, ledger=ledger, engine=engine, clock=clock, telemetry=telemetry)
    runner = Runner(
        Ports(
            rules=rules,
            ledger=ledger,
            profiles=MemoryProfiles() if profiles is None else profiles,
            consents=consents or MemoryConsents(),
            flags=Ignored(),
            audit=audit or MemoryAudit(),
            provider=Offline(),
            speaker=Speaker(platforms, pauses=(0.0, 0.0)),
            clock=clock,
            telemetry=telemetry,
            forget=forget,
            crisis_shown=(lambda turn: False) if elsewhere else floor.shown,
            in_danger=(lambda turn: False) if elsewhere else floor.in_danger,
            found=(lambda turn, policy: None) if elsewhere else floor.found,
        )
    )
    await engine.start(runner.run)
    try:
        yield Talk(door, clock, terminal, shown, events)
    finally:
        await engine.stop(1)


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_a_crisis_is_answered_once_wherever_its_turn_runs(elsewhere: bool) -> None:
    async with talk(elsewhere=elsewhere) as conversation:
        shown = await conversation.say("I am going to kill myself tonight")
    assert [each["kind"] for each in shown] == ["crisis"]


async def test_a_crisis_does_not_wait_for_a_slow_ledger_and_is_queued_all_the_same() -> None:
    async with talk(slow=True, elsewhere=True) as conversation:
        shown = await conversation.say("I am going to kill myself tonight")
    assert [each["kind"] for each in shown] == ["crisis"]


async def test_danger_that_builds_up_over_several_places_is_a_crisis_to_the_turn_too() -> None:
    words = "I feel so lonely since I moved to this city and I have nobody to talk to"
    async with talk() as conversation:
        spaces = [Space(Place.CHANNEL, f"C{number}") for number in range(3)]
        kinds = [[line["kind"] for line in await conversation.say(words, space)] for space in spaces]
    assert kinds == [["question"], ["question"], ["crisis", "notice"]]


async def test_help_that_was_refused_at_the_door_is_given_by_the_turn_though_danger_built_up_elsewhere() -> None:
    words = "I feel so lonely since I moved to this city and I have nobody to talk to"
    async with talk() as conversation:
        await conversation.say(words, Space(Place.CHANNEL, "C0"))
        await conversation.say(words, Space(Place.CHANNEL, "C1"))
        conversation.terminal.refusals = 1
        shown = await conversation.say(words)
    assert [line["kind"] for line in shown] == ["crisis"]


async def test_without_profiles_people_are_answered_and_told_so() -> None:
    async with talk(profiles=DownProfiles()) as conversation:
        while (shown := await conversation.say(HEARTBREAK))[-1]["kind"] == "question":
            pass
        assert any("can't reach what you told me" in line["text"] for line in shown)
        assert shown[-1]["kind"] == "answer"
        assert "profiles_down" in conversation.events


async def test_what_was_taken_back_while_profiles_were_down_does_not_come_back_with_a_new_word() -> None:
    profiles = AwayProfiles()
    async with talk(profiles=profiles) as conversation:
        await conversation.do(Command(Verb.CORRECT, Private("age 34")))
        assert "34" in (await conversation.do(Command(Verb.PRIVACY)))[-1]["text"]
        profiles.away = True
        (told,) = await conversation.do(Command(Verb.FORGET, Private("age")))
        assert "as soon as I can" in told["text"]
        await conversation.do(Command(Verb.CORRECT, Private("age 35")))  # agreed to again, and not kept: nobody can
        profiles.away = False
        assert "34" not in (await conversation.do(Command(Verb.PRIVACY)))[-1]["text"]
        assert await profiles.read(ANN, conversation.clock.now()) == ()
        await conversation.do(Command(Verb.CORRECT, Private("age 36")))
        assert "36" in (await conversation.do(Command(Verb.PRIVACY)))[-1]["text"]


async def test_without_consents_nobody_is_asked_and_nothing_is_kept() -> None:
    async with talk(consents=DownConsents()) as conversation:
        shown = await conversation.say(f"I'm 34. {HEARTBREAK}")
        assert [line["kind"] for line in shown] == ["answer"]
        assert shown[0]["used"] == []
        assert "consents_down" in conversation.events


async def test_what_expires_before_the_answer_is_written_is_not_used() -> None:
    consents = LongNight()
    async with talk(consents=consents) as conversation:
        told = f"I'm 34 and single. {HEARTBREAK}"
        assert [line["kind"] for line in await conversation.say(told)] == ["question"]
        assert (await conversation.say("just answer me"))[-1]["used"]
        consents.clock = conversation.clock
        shown = await conversation.say(told)
        assert [line["kind"] for line in shown] == ["answer"]
        assert shown[0]["used"] == []


async def test_a_mistake_in_the_code_is_told_to_the_person_and_the_next_turn_is_served() -> None:
    async with talk(audit=BrokenAudit()) as conversation:
        shown = await conversation.say(HEARTBREAK)
        assert "went wrong on my side" in shown[-1]["text"]
        assert "turn_failed" in conversation.events
        assert "went wrong on my side" in (await conversation.say(ERRAND))[-1]["text"]


async def test_a_refused_message_is_tried_again() -> None:
    async with talk(refusals=2) as conversation:
        assert [line["kind"] for line in await conversation.say(HEARTBREAK)] == ["question"]


@pytest.mark.parametrize("permanent", [True, False])
async def test_a_message_that_cannot_be_delivered_is_reported_and_the_next_one_works(permanent: bool) -> None:
    async with talk(refusals=1 if permanent else 3, permanent=permanent) as conversation:
        assert await conversation.say(HEARTBREAK) == []
        assert "undelivered" in conversation.events
        assert (await conversation.say(ERRAND))[-1]["kind"] == "answer"


async def test_a_crisis_that_the_platform_refuses_is_tried_again_by_the_turn() -> None:
    async with talk(refusals=1) as conversation:
        shown = await conversation.say("I am going to kill myself tonight")
        assert [line["kind"] for line in shown] == ["crisis"]
        assert "crisis_undelivered" in conversation.events
