"""The floor that always holds: resources arrive whatever else is down (FIELD section 8)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from adapters.engine.inline import InlineEngine
from adapters.stores.memory_ledger import MemoryLedger, MemoryVault
from adapters.terminal.json_terminal import JsonTerminal
from bot.chat import Chose, Content, Inbound, Said, Stopped
from bot.clock import ManualClock
from bot.conversation.crisis import CrisisFloor
from bot.conversation.effects import Journal
from bot.conversation.engine import Engine, Steps
from bot.conversation.intake import FrontDoor
from bot.conversation.ledger import Ledger
from bot.conversation.states import State
from bot.errors import StoreUnavailable
from bot.identity import DIRECT, Person, Place, Space
from bot.private import Private
from bot.telemetry.logs import silent
from tests.scenario.conversations import CRISIS, HEARTBREAK
from tests.support.down import DownEngine, DownLedger
from tests.support.policies import rulebook

PERSON = Person("terminal", "w1", "ann")
LONELY = "I feel so lonely since I moved to this city and I have nobody to talk to"
SOON = 0.5
"""Seconds within which help must be there."""


class Floor:
    """An intake over the given stores, and what the person was shown."""

    def __init__(self, ledger: Ledger[State, Journal], engine: Engine) -> None:
        self.shown: list[dict[str, Any]] = []
        self.clock = ManualClock()
        self.something = asyncio.Event()
        rules = rulebook(model_reads=False).current
        rules()
        floor = CrisisFloor(rules, {"terminal": JsonTerminal(self._show)}, self.clock, silent())
        self.door = FrontDoor(
            rules=rules, floor=floor, ledger=ledger, engine=engine, clock=self.clock, telemetry=silent()
        )

    def inbound(self, text: str, event: str = "e1", space: Space = DIRECT, content: Content | None = None) -> Inbound:
        said = content or Said(Private(text))
        return Inbound(event, PERSON, space, said, self.clock.now(), "en-US")

    def _show(self, line: str) -> None:
        self.shown.append(json.loads(line))
        self.something.set()

    def kinds(self) -> list[str]:
        return [line["kind"] for line in self.shown]


def memory_ledger() -> MemoryLedger[State, Journal]:
    return MemoryLedger(MemoryVault(), ManualClock())


async def nothing(turn_id: str, steps: Steps) -> None:
    """The work of a turn that is not looked at here."""


@pytest.mark.parametrize("ledger", [DownLedger(), DownLedger(hangs=True)], ids=["refuses", "hangs"])
async def test_help_arrives_with_the_database_down_and_the_event_is_sent_again(ledger: DownLedger) -> None:
    floor = Floor(ledger, DownEngine())
    accepted = asyncio.create_task(floor.door.accept(floor.inbound(CRISIS)))
    async with asyncio.timeout(SOON):
        await floor.something.wait()
    assert floor.kinds() == ["crisis"]
    with pytest.raises(StoreUnavailable):
        await accepted
    with pytest.raises(StoreUnavailable):
        await floor.door.accept(floor.inbound(CRISIS))
    assert floor.kinds() == ["crisis"], "the same event, delivered again, was answered twice"


async def test_help_arrives_with_the_engine_down() -> None:
    floor = Floor(memory_ledger(), DownEngine())
    async with asyncio.timeout(SOON):
        with pytest.raises(StoreUnavailable):
            await floor.door.accept(floor.inbound(CRISIS))
    assert floor.kinds() == ["crisis"]


async def test_help_does_not_wait_behind_earlier_messages_that_a_hanging_database_holds_up() -> None:
    floor = Floor(DownLedger(hangs=True), DownEngine())
    async with asyncio.TaskGroup() as group:
        earlier = [group.create_task(_not_taken(floor, HEARTBREAK, f"e{number}")) for number in range(2)]
        await asyncio.sleep(0)
        accepted = group.create_task(_not_taken(floor, CRISIS, "crisis"))
        again = group.create_task(_not_taken(floor, CRISIS, "crisis"))
        async with asyncio.timeout(SOON):
            await floor.something.wait()
        for task in (*earlier, accepted, again):
            task.cancel()
    assert floor.kinds() == ["crisis"]


async def _not_taken(floor: Floor, text: str, event: str) -> None:
    with pytest.raises(StoreUnavailable):
        await floor.door.accept(floor.inbound(text, event))


async def _held_back() -> tuple[InlineEngine, asyncio.Event, list[str]]:
    """An engine whose turns end once the event is set, and those that did, in order."""
    engine, gate, ended = InlineEngine(), asyncio.Event(), list[str]()

    async def work(turn_id: str, steps: Steps) -> None:
        await gate.wait()
        ended.append(turn_id)

    await engine.start(work)
    return engine, gate, ended


async def test_stopping_calls_off_neither_help_nor_word_of_it_to_moderators() -> None:
    engine, gate, ended = await _held_back()
    floor = Floor(memory_ledger(), engine)
    receipt = await floor.door.accept(floor.inbound(CRISIS, "crisis"))
    await floor.door.accept(floor.inbound("", "stop", content=Stopped()))
    gate.set()
    await floor.door.finished(receipt.turn_id)
    assert receipt.turn_id in ended
    await engine.stop(1)


async def test_a_stop_that_comes_late_stops_what_was_asked_before_it_and_nothing_later() -> None:
    engine, gate, ended = await _held_back()
    floor = Floor(memory_ledger(), engine)
    asked: list[Inbound] = []
    for event, content in ("first", None), ("second", None), ("stop", Stopped()), ("third", None):
        asked.append(floor.inbound(HEARTBREAK, event, content=content))
        floor.clock.advance(1.0)
    first, second, stop, third = asked
    for each in (first, second, third, first, stop):  # the first is sent again, and the stop was held up
        await floor.door.accept(each)
    gate.set()
    for each in asked:
        await floor.door.finished(each.turn_id)
    assert ended == [first.turn_id, third.turn_id, stop.turn_id]
    await engine.stop(1)


class CutOff(InlineEngine):
    """The process dies when it wants to stop a turn."""

    async def cancel(self, turn_id: str) -> bool:
        raise StoreUnavailable("cut off for this test")


async def test_a_stop_that_is_cut_off_leaves_no_turn_that_nobody_would_ever_close() -> None:
    ledger, engine, gate = memory_ledger(), CutOff(), asyncio.Event()

    async def work(turn_id: str, steps: Steps) -> None:
        await gate.wait()

    await engine.start(work)
    floor = Floor(ledger, engine)
    receipt = await floor.door.accept(floor.inbound(HEARTBREAK))
    with pytest.raises(StoreUnavailable, match="cut off"):
        await floor.door.accept(floor.inbound("", "stop", content=Stopped()))
    assert await ledger.turn(receipt.turn_id) is None
    gate.set()
    await engine.stop(1)


async def test_an_event_sent_again_and_again_builds_up_no_danger() -> None:
    floor = Floor(DownLedger(), DownEngine())
    for _ in range(5):
        await _not_taken(floor, LONELY, "e1")
    assert floor.kinds() == []
    for number in range(4):
        await _not_taken(floor, LONELY, f"other{number}")
    assert "crisis" in floor.kinds(), "this needs words that build up"


async def left_behind(ledger: Ledger[State, Journal], *events: str) -> None:
    """A process took these events, answered none of them, and died."""
    dead = Floor(ledger, DownEngine())
    for event in events:
        await _not_taken(dead, LONELY, event)


async def test_an_event_sent_again_to_the_next_process_is_judged_by_what_was_known_when_it_came() -> None:
    ledger, engine = memory_ledger(), InlineEngine()
    await left_behind(ledger, "e1")
    await engine.start(nothing)
    floor = Floor(ledger, engine)
    await floor.door.recall()
    for number in range(4):
        await floor.door.accept(floor.inbound(LONELY, f"other{number}"))
    shown = floor.kinds()
    assert "crisis" in shown, "this needs words that build up"
    receipt = await floor.door.accept(floor.inbound(LONELY, "e1"))
    assert receipt.duplicate
    assert not receipt.crisis
    assert floor.kinds() == shown, "what came later was held against it, and its turn would answer as well"
    await engine.stop(1)


async def test_danger_goes_on_building_up_over_what_another_process_left_behind() -> None:
    alone = Floor(DownLedger(), DownEngine())
    needed = 0
    while not alone.kinds():
        needed += 1
        await _not_taken(alone, LONELY, f"e{needed}")
    ledger = memory_ledger()
    await left_behind(ledger, *(f"e{number}" for number in range(1, needed)))
    floor = Floor(ledger, DownEngine())
    await floor.door.recall()
    await floor.door.recall()  # a second time adds nothing
    assert floor.kinds() == []
    await _not_taken(floor, LONELY, f"e{needed}")
    assert floor.kinds() == ["crisis"]


async def test_what_is_heard_late_makes_nothing_that_is_known_older() -> None:
    ledger = memory_ledger()
    floor = Floor(ledger, DownEngine())
    calm = floor.inbound(HEARTBREAK, "calm")
    floor.clock.advance(30 * 86_400)
    await _not_taken(floor, LONELY, "e1")
    await ledger.claim(calm.turn_id, calm.conversation, calm, calm.at)  # another process had it for all that time
    await floor.door.recall()
    assert floor.kinds() == []
    await _not_taken(floor, LONELY, "e2")
    assert floor.kinds() == ["crisis"]


async def test_an_ordinary_message_is_not_acknowledged_while_the_database_is_down() -> None:
    floor = Floor(DownLedger(), DownEngine())
    with pytest.raises(StoreUnavailable):
        await floor.door.accept(floor.inbound(HEARTBREAK))
    assert floor.kinds() == []


async def test_a_claim_that_hangs_is_given_up_before_the_platform_gives_up_on_us() -> None:
    floor = Floor(DownLedger(hangs=True), DownEngine())
    async with asyncio.timeout(2.9):
        with pytest.raises(StoreUnavailable, match="did not answer within"):
            await floor.door.accept(floor.inbound(HEARTBREAK))


async def test_in_a_channel_help_goes_to_the_person_alone() -> None:
    engine = InlineEngine()
    await engine.start(nothing)
    floor = Floor(memory_ledger(), engine)
    await floor.door.accept(floor.inbound(CRISIS, space=Space(Place.CHANNEL, "c1")))
    assert floor.kinds() == ["crisis", "notice"]
    assert floor.shown[1]["place"] == "dm"
    await engine.stop(1)


async def test_the_second_time_within_the_cool_down_is_shorter_and_later_it_is_whole_again() -> None:
    engine = InlineEngine()
    await engine.start(nothing)
    floor = Floor(memory_ledger(), engine)
    for number, pause in enumerate((0, 60, 86_400)):
        floor.clock.advance(pause)
        await floor.door.accept(floor.inbound(CRISIS, f"e{number}"))
    first, second, third = (line["text"] for line in floor.shown)
    assert len(second) < len(first)
    assert third == first
    assert all(line["resources"] for line in floor.shown)
    await engine.stop(1)


async def test_what_is_typed_beside_a_choice_is_screened_too() -> None:
    engine = InlineEngine()
    await engine.start(nothing)
    floor = Floor(memory_ledger(), engine)
    typed = Chose("emotional_state:other", Private(CRISIS))
    receipt = await floor.door.accept(floor.inbound("", content=typed))
    assert receipt.crisis
    assert floor.kinds() == ["crisis"]
    await engine.stop(1)


async def test_an_event_claimed_but_not_queued_is_queued_when_it_comes_again() -> None:
    ledger = memory_ledger()
    floor = Floor(ledger, DownEngine())
    with pytest.raises(StoreUnavailable):
        await floor.door.accept(floor.inbound(HEARTBREAK))
    served: list[str] = []

    async def serve(turn_id: str, steps: Steps) -> None:
        served.append(turn_id)

    engine = InlineEngine()
    await engine.start(serve)
    again = Floor(ledger, engine)
    receipt = await again.door.accept(again.inbound(HEARTBREAK))
    await again.door.finished(receipt.turn_id)
    assert receipt.duplicate
    assert served == [receipt.turn_id]
    await engine.stop(1)


async def test_what_an_earlier_process_claimed_is_taken_up_at_start() -> None:
    ledger = memory_ledger()
    floor = Floor(ledger, DownEngine())
    with pytest.raises(StoreUnavailable):
        await floor.door.accept(floor.inbound(HEARTBREAK))
    served: list[str] = []

    async def serve(turn_id: str, steps: Steps) -> None:
        served.append(turn_id)

    engine = InlineEngine()
    await engine.start(serve)
    again = Floor(ledger, engine)
    assert await again.door.resume() == 1
    await again.door.finished("terminal:w1:e1")
    assert served == ["terminal:w1:e1"]
    await engine.stop(1)
